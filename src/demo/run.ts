import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { whyNoBox } from '../adapters/process/box/bwrap.ts';
import type { Child } from './ground/child.ts';
import { findClaude } from './ground/claude.ts';
import { FATES } from './ground/fates.ts';
import { type DemoFolder, takeFolder } from './ground/folder.ts';
import { createGit } from './ground/git.ts';
import { waitForKey } from './ground/key.ts';
import { endMarked, findMarked } from './ground/process-table.ts';
import type { Verdict } from './judge/judge.ts';
import { lineScreen, painter, type Screen, silentScreen, tableScreen } from './show/screen.ts';
import { pageAgain, type Result, type Served, verdictText, whereText } from './show/summary.ts';
import { watchFates } from './show/watch.ts';
import { startDaemon } from './world/daemon.ts';
import { bareEnvironment, daemonEnvironment, withClaudeLogin } from './world/environment.ts';
import { type DemoForge, startForge } from './world/forge.ts';
import { listenForTheEnd } from './world/leave.ts';
import { pageLink } from './world/page-link.ts';
import { type OtherMachines, POSTGRES_VARIABLE, startMachines } from './world/runners.ts';
import { endWayOut } from './world/way-out.ts';
import {
  type AgentChoice,
  addPeople,
  configOf,
  connectRepository,
  fatesFor,
  fileIssues,
  makeRepository,
  scriptedAgent,
} from './world/world.ts';

export interface DemoOptions {
  /** Null: a new temporary folder. */
  readonly dir: string | null;
  readonly exit: boolean;
  readonly agent: 'scripted' | 'claude';
  readonly speed: number;
  readonly json: boolean;
  /** Opens the page of its daemon; null: its address is printed and no more. */
  readonly openPage: ((link: string) => Promise<boolean>) | null;
  /** So many other machines do the work, with a Postgres of their own; 0: this one does. */
  readonly machines: number;
  /** The fate whose agent does nothing, so that the judge has something to find. */
  readonly sabotage: string | null;
}

/** Ended from outside, as a shell says it of Ctrl-C. */
const ENDED = 130;

/** What has to be ended, whatever happens. */
interface Started {
  readonly mark: string;
  forge: DemoForge | null;
  daemon: Child | null;
  machines: OtherMachines | null;
}

/** Runs the whole demo; answers the exit code. Throws when it cannot begin (folder in use, no git, no claude). */
export async function runDemo(options: DemoOptions): Promise<number> {
  checkOptions(options);
  const startedAt = Date.now();
  const folder = takeFolder(options.dir);
  const screen = chooseScreen(options, startedAt);
  const leaving = new AbortController();
  const stopListening = listenForTheEnd(leaving);
  const started: Started = { mark: `tac8-demo-${randomBytes(8).toString('hex')}`, forge: null, daemon: null, machines: null };
  try {
    const { verdicts, trouble } = await play(options, folder, screen, started, leaving.signal);
    screen.finish();
    const stays = !options.exit && !options.json && process.stdin.isTTY === true && !leaving.signal.aborted;
    const end = stays ? await endOfRuns(started) : await endWorkers(folder, started, leaving.signal.aborted);
    const result = resultOf(folder, started, [...verdicts, end], trouble, startedAt);
    writeFileSync(folder.result, `${JSON.stringify(result, null, 2)}\n`);
    await present(options, result, folder, stays ? started : null, leaving.signal);
    return leaving.signal.aborted && !result.ok ? ENDED : result.ok ? 0 : 1;
  } catch (error) {
    // What fails because somebody ended it is no news to that person.
    if (leaving.signal.aborted) return ENDED;
    throw error;
  } finally {
    screen.finish();
    await endWorkers(folder, started, true);
    await started.forge?.child.end([2000]);
    stopListening();
  }
}

function checkOptions({ sabotage, agent }: DemoOptions): void {
  if (sabotage !== null && !FATES.some((fate) => fate.name === sabotage))
    throw new Error(`there is no fate ${sabotage}: ${FATES.map((fate) => fate.name).join(', ')}`);
  if (agent === 'claude') findClaude(process.env.PATH ?? '');
}

function chooseScreen(options: DemoOptions, startedAt: number): Screen {
  if (options.json) return silentScreen;
  const movable = process.stdout.isTTY === true && process.env.TERM !== 'dumb';
  return movable ? tableScreen(process.stdout, startedAt) : lineScreen(process.stdout, startedAt);
}

async function play(options: DemoOptions, folder: DemoFolder, screen: Screen, started: Started, signal: AbortSignal) {
  const scripted = options.agent === 'scripted';
  const agent: AgentChoice = scripted
    ? scriptedAgent(folder, options.speed, options.sabotage)
    : { scripted, command: [findClaude(process.env.PATH ?? '')] };
  const bare = bareEnvironment(process.env, folder.home);
  const git = createGit(bare);
  screen.note(`A repository, a forge and agents in ${folder.root}`);
  const whyNot = whyNoBox();
  screen.note(
    whyNot === null
      ? 'Each agent works in a sandbox of bubblewrap; the daemon tries ways out of it before it starts one'
      : `The agents work without a sandbox: ${whyNot}`,
  );
  const making = makeRepository(folder.widgets, git);
  const forging = startForge(folder.forge, bare);
  await Promise.allSettled([making, forging]);
  const forge = await forging;
  started.forge = forge;
  await making;
  const tokens = await addPeople(forge);
  const fates = fatesFor(scripted);
  const tasks = await fileIssues(forge, fates);
  await connectRepository(
    folder.widgets,
    forge,
    git,
    configOf(forge, agent, folder.agents, whyNot === null, options.machines > 0),
    tokens.maintainer,
  );
  signal.throwIfAborted();
  const env = daemonEnvironment(bare, tokens.bot, started.mark);
  const given = scripted ? env : withClaudeLogin(env, process.env);
  if (options.machines > 0) {
    started.machines = await startMachines(folder, options.machines, given);
    screen.note(`A Postgres, and ${options.machines} runners in ${folder.root}/machines: \`tac8 machines\` in the repository shows them`);
  }
  started.daemon = startDaemon(folder, {
    ...given,
    ...(started.machines === null ? {} : { [POSTGRES_VARIABLE]: started.machines.postgres.url }),
  });
  screen.begin(fates, tasks);
  void tellPage(folder, screen, options.openPage, signal);
  const scene = { folder, forge, git, daemon: started.daemon, mark: started.mark };
  return watchFates(scene, { tasks, scripted, speed: options.speed }, screen, signal);
}

/** The page is there when the daemon is: the fates go on meanwhile. */
async function tellPage({ widgets }: DemoFolder, screen: Screen, open: DemoOptions['openPage'], signal: AbortSignal): Promise<void> {
  const link = await pageLink(widgets, signal);
  if (link === null || signal.aborted) return;
  screen.note(`The page: ${link} (it lets one browser in)`);
  await open?.(link);
}

/** How long the last processes of a run may take to go once its fate is decided. */
const LAST_OF_RUNS = 5000;
const LOOK_EVERY = 50;

/** Nothing of any run is left; the daemon stays for those who look at its page. */
async function endOfRuns({ mark }: Started): Promise<Verdict> {
  const left = () => findMarked(mark).filter(({ run }) => run !== null);
  for (const end = Date.now() + LAST_OF_RUNS; left().length > 0 && Date.now() < end; ) await sleep(LOOK_EVERY);
  const still = left();
  const ok = still.length === 0;
  const text = ok ? 'no worker is left running' : `left running: ${still.map((seen) => `${seen.pid} ${seen.command}`).join('; ')}`;
  return { name: 'fleet', shows: 'the end', task: null, ok, checks: [{ ok, text }] };
}

/** Ends daemon and agents. The daemon drains when all is done; in a hurry it is sent away at once. What is left is ended by number, and told. */
async function endWorkers(folder: DemoFolder, started: Started, hurry: boolean): Promise<Verdict> {
  await started.daemon?.end(hurry ? [300, 1500] : [5000, 1500]);
  await started.machines?.end();
  started.machines = null;
  const left = await endMarked(started.mark, 5000);
  endWayOut(folder.widgets);
  const ok = left.length === 0;
  const text = ok
    ? 'nothing is left running'
    : `left running, and ended now: ${left.map((seen) => `${seen.pid} ${seen.command}`).join('; ')}`;
  return { name: 'fleet', shows: 'the end', task: null, ok, checks: [{ ok, text }] };
}

function resultOf(folder: DemoFolder, started: Started, fates: readonly Verdict[], trouble: string | null, startedAt: number): Result {
  return {
    ok: trouble === null && fates.every((verdict) => verdict.ok),
    seconds: (Date.now() - startedAt) / 1000,
    dir: folder.root,
    repository: folder.widgets,
    forge: started.forge?.url ?? '',
    trouble: trouble === null ? null : `${trouble}${lastWords(folder)}`,
    fates,
  };
}

function lastWords(folder: DemoFolder): string {
  const words = readFileSync(folder.daemonLog, 'utf8').trimEnd().split('\n').slice(-5);
  return `\nThe daemon's last words (${folder.daemonLog}):\n  ${words.join('\n  ')}`;
}

/** `serving`: what goes on until a key is pressed; null: everything has ended. */
async function present(
  options: DemoOptions,
  result: Result,
  folder: DemoFolder,
  serving: Started | null,
  signal: AbortSignal,
): Promise<void> {
  if (options.json) {
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    return;
  }
  const paint = painter(process.stdout);
  // The link that was printed at the beginning may have been used, or be too old by now.
  const hasPage = serving?.daemon?.isRunning() === true;
  const served: Served | null = serving === null ? null : { page: hasPage ? await pageLink(folder.widgets, signal) : null };
  process.stdout.write(verdictText(result, paint));
  process.stdout.write(whereText(result, folder, served, paint));
  if (served === null) return;
  await waitForKey(process.stdin, signal, () => process.stdout.write('\nThe page and the forge are served until you press a key. '));
  process.stdout.write(`\n\n${pageAgain(folder)} serves the page again.\n`);
}
