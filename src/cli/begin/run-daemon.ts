import { join } from 'node:path';
import { openSupervisor, type Supervisor } from '../../adapters/machine/supervisor.ts';
import { forgetInEnvironment } from '../../adapters/process/proc/own-environment.ts';
import { composeDaemon, composeTexts, type Daemon, type DaemonOptions } from '../../compose/daemon.ts';
import { keyOf } from '../../compose/forge-access.ts';
import { SILENT } from '../../compose/log.ts';
import { lockRepository } from '../../compose/premises.ts';
import { meaningNow } from '../../compose/remote/meaning.ts';
import { secretNames } from '../../config/secret-names.ts';
import { EVENT_WIDTH, eventWords } from '../../core/explain/event-words.ts';
import type { HistoryEntry } from '../../core/model/records.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { refuseLayout } from '../../doctor/project/refuse-layout.ts';
import type { IssueTexts } from '../../engine/ports/outside/issue-texts.ts';
import type { Served } from '../../http/serve-daemon.ts';
import { takeOrders } from '../../orders/take-orders.ts';
import { ownFile } from '../../place/own-files.ts';
import { type Accepted, openProject } from '../../place/project.ts';
import { deskOf } from '../desk/desk.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { paint } from '../ground/style.ts';
import { version } from '../ground/version.ts';
import { tellLongWait } from './long-wait.ts';

export interface StartOptions {
  readonly once?: true;
  readonly dryRun?: true;
  readonly json?: true;
  /** Waits while another coordinator has the lead, and goes on with its work when it is gone. */
  readonly standby?: true;
}

/** What a daemon takes from its own package once: after a reload, another version's may stand in its place. */
interface Own {
  readonly version: string;
  readonly texts: IssueTexts;
  /** As it was at the start: the logins in it are not there any more. */
  readonly env: NodeJS.ProcessEnv;
  /** What was heard and not taken when the daemon began anew. */
  readonly said: NonNullable<DaemonOptions['said']>;
}

/** The daemon in the foreground: lock, wake-ups, signals, and one line per thing that happens. A reload begins anew with all of tac8.yaml. */
export async function runDaemon(from: string, options: StartOptions): Promise<void> {
  let project = await openProject(from, process.env);
  await refuseLayout(project);
  if (options.standby === true && project.settings.machines === null)
    throw new Exit(EXIT.usage, '--standby: tac8.yaml names no machines, so that there is nothing to go on with', 'See docs/machines.md.');
  const env = { ...process.env };
  const lock = lockRepository(project);
  const own = { version: version(), texts: composeTexts(), env, said: new Map() };
  try {
    for (;;) {
      const why = await runOnce(project, lock, own, options);
      // Whoever stands by stands by again, with what git and a person say now.
      if (why === 'left' || (why === 'lost' && options.standby !== true)) break;
      // What a worker may have written into tac8.yaml waits for a person's word, whatever else makes the daemon begin anew.
      if (why === 'reload') project = await openProject(from, env);
    }
  } finally {
    lock.release();
  }
}

async function runOnce(
  project: Accepted,
  lock: ReturnType<typeof lockRepository>,
  own: Own,
  options: StartOptions,
): Promise<'reload' | 'clock' | 'lost' | 'left'> {
  const say = options.json ? sayJson : sayText;
  let supervisor: Supervisor | null = null;
  let isOldTime = false;
  let isLost = false;
  const { env } = own;
  const { settings } = project;
  // Whoever stands by is well, however long that takes.
  const standing: Supervisor | null =
    options.standby === true ? openSupervisor({ env: { ...env }, log: SILENT, rouse: () => standing?.beat() }) : null;
  standing?.ready('stands by');
  const machines =
    settings.machines === null
      ? null
      : await (await import('../../machines/coordinate.ts'))
          .openFor(project, env, own.version, options.standby === true)
          .finally(() => standing?.close());
  if (machines === 'left') return 'left';
  if (options.dryRun !== true && (await provesSandbox(project, own.version)) === 'left') return 'left';
  // Every worker can read what this process was started with.
  const isHidden = forgetInEnvironment(secretNames(project.settings));
  const meaning = await meaningNow(project, env);
  const daemon: Daemon = composeDaemon({
    project,
    env,
    meaning,
    texts: own.texts,
    machines,
    onHistory: say,
    said: own.said,
    standing: () => {
      supervisor?.beat();
      const why = lock.check();
      return why === null ? null : { why, mayComeBack: lock.mayComeBack() };
    },
    tee: options.json ? undefined : warnings,
    onClockSet: (by) => {
      lock.clockSet(by);
      isOldTime = true;
      daemon.engine.leave();
    },
  });
  machines?.onLost((why) => {
    daemon.ports.log.error(`${why}: this daemon leaves, and the workers go on`);
    isLost = true;
    daemon.engine.leave();
  });
  // What was begun is ended in the opposite order, however it goes: a daemon that fails does not stay.
  const ends: (() => void | Promise<void>)[] = [async () => machines?.close(), () => daemon.close(), async () => machines?.settle()];
  const wait = tellLongWait(daemon.ports.log.warn);
  if (machines?.tookOver != null) {
    daemon.ports.log.info(machines.tookOver);
    process.stderr.write(`${machines.tookOver}\n`);
  }
  try {
    supervisor = openSupervisor({ env, log: daemon.ports.log, rouse: daemon.engine.wake });
    ends.push(() => supervisor?.close());
    if (!isHidden)
      daemon.ports.log.warn('other processes of this user can read the tokens of the environment: /proc/self/mem is not to be written');
    wait.at('preparing the repository');
    await daemon.ports.workspaces.prepareRepository();
    wait.at('reading what was counted before');
    await daemon.countOn();
    if (!options.json) greet(project.root, daemon.repo, project.settings.label);
    ends.push(daemon.watch());
    ends.push(listenToSignals(daemon.engine));
    wait.at('opening the page');
    const served = await serve(project, daemon, own);
    ends.push(served.close);
    if (!options.json) tellPage(served.newLink());
    wait.at('opening the socket for commands');
    const orders = await takeOrders(project, daemon, env);
    ends.push(orders.close, () => supervisor?.leaving());
    if (options.once) daemon.engine.leaveWhenQuiet();
    wait.done();
    supervisor?.ready();
    const undone = await daemon.engine.run();
    if (orders.isReload()) return 'reload';
    if (isLost) return 'lost';
    if (isOldTime) return 'clock';
    tellUndone(undone, options.once === true);
    return 'left';
  } finally {
    wait.at('leaving');
    for (const end of ends.reverse()) await end();
    wait.done();
  }
}

/** The first start with this kernel, bubblewrap, tac8 and image tries a dozen ways out of a worker's sandbox. */
async function provesSandbox({ settings, state }: Accepted, own: string): Promise<'left' | 'held'> {
  const { chooseSandbox } = await import('../../compose/sandbox/sandbox.ts');
  const choice = chooseSandbox(settings);
  if (choice.kind !== 'bwrap') return 'held';
  const { escaped, proveOnce } = await import('../../escape/proof.ts');
  const proven = await proveOnce(state, own, choice.image).catch((error: unknown) => {
    const why = `no worker starts: whether its sandbox holds could not be tried: ${messageOf(error)}`;
    throw new Exit(EXIT.failed, why, 'tac8 doctor --sandbox says more; sandbox: { kind: none } does without one.');
  });
  if (proven === null) return 'held';
  if (proven.outcome.out.length > 0)
    throw new Exit(EXIT.failed, `no worker starts: ${escaped(proven.outcome)}`, 'tac8 doctor --sandbox tries all of them.');
  return proven.isLeaving ? 'left' : 'held';
}

async function serve(project: Accepted, daemon: Daemon, own: Own): Promise<Served> {
  const { settings, state } = project;
  const { store, ports, forge, engine } = daemon;
  const { serveDaemon } = await import('../../http/serve-daemon.ts');
  const desk = deskOf(project, daemon, own.env, own.version);
  const pageFolder = ownFile('dist/web');
  const { readTraffic } = await import('../../read/refused/traffic.ts');
  const traffic = () => readTraffic(join(state, 'egress'));
  const limits = () => forge?.limits() ?? null;
  const sources = { store, version: own.version, now: ports.clock.now, pulse: engine.pulse, traffic, limits };
  return serveDaemon({
    http: settings.http,
    state,
    env: own.env,
    sources,
    interval: () => settings.pollInterval,
    log: ports.log,
    webhooks: forge === null ? null : webhookSecret(settings.github, own.env, engine.hurry),
    desk,
    pageFolder,
  });
}

/** Named by the settings, or that of the App. */
function webhookSecret({ webhookSecretEnv: name, app, apiUrl }: Accepted['settings']['github'], env: Own['env'], hurry: () => void) {
  if (name !== null)
    return { secret: async () => env[name] || null, missing: `${name} is not set (github.webhook_secret_env names it)`, hurry };
  if (app === null) return null;
  const key = keyOf(app, apiUrl, env);
  const secret = async () => (await key().catch(() => null))?.webhookSecret ?? null;
  return { secret, missing: `no secret is kept with the key of GitHub App ${app}`, hurry };
}

/** With --once nobody goes on soon: what stays undone is a failure then. */
function tellUndone(undone: readonly string[], once: boolean): void {
  if (undone.length === 0) return;
  const list = undone.map((what) => `  ${what}`).join('\n');
  if (once) throw new Exit(EXIT.failed, `not everything could be done:\n${list}`, 'The next `tac8 start` goes on with it.');
  process.stderr.write(`left for the next \`tac8 start\`:\n${list}\n`);
}

function greet(root: string, repo: string | null, label: string): void {
  const what = repo === null ? 'no GitHub repository: tasks of tasks.md only' : `issues of ${repo} labelled ${label}`;
  process.stdout.write(
    `${paint('bold', 'tac8')} works on ${root}: ${what}\nThe queue is tasks.md. Ctrl-C drains; Ctrl-C twice leaves at once.\n`,
  );
}

/** A link that lets a browser in is nothing for a log that others may read. */
function tellPage(link: string | null): void {
  if (link === null) return;
  process.stdout.write(
    process.stdout.isTTY
      ? `The page: ${link} (once, within 15 minutes; \`tac8 page\` prints another)\n`
      : 'The page: `tac8 page` prints its link\n',
  );
}

function listenToSignals(engine: { drain(): void; leave(): void }): () => void {
  let asked = false;
  const onSignal = (): void => {
    if (asked) {
      process.stderr.write('leaving now; the workers go on, `tac8 start` takes them up again\n');
      return engine.leave();
    }
    asked = true;
    process.stderr.write('nothing new starts; leaving when the running workers are done (again: leave at once, workers go on)\n');
    engine.drain();
  };
  // How a service ends its daemon: a restart waits for no worker.
  const onLeave = (): void => {
    process.stderr.write('leaving now; the workers go on, the next start takes them up again\n');
    engine.leave();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGUSR2', onLeave);
  return () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    process.off('SIGUSR2', onLeave);
  };
}

function sayJson(entries: readonly HistoryEntry[]): void {
  for (const entry of entries) process.stdout.write(`${JSON.stringify({ ...entry, at: new Date(entry.at).toISOString() })}\n`);
}

/** What a person follows along: not every small step. */
const QUIET: ReadonlySet<string> = new Set(['settled', 'inspection', 'saved', 'logged', 'input-ended', 'described', 'ordered']);

function sayText(entries: readonly HistoryEntry[]): void {
  for (const { at, task, event, detail } of entries) {
    if (QUIET.has(event.split(' ')[0] ?? '')) continue;
    const time = new Date(at).toTimeString().slice(0, 8);
    process.stdout.write(
      `${paint('dim', time)}  ${(task ?? '–').padEnd(8)} ${paint(colourOf(event), eventWords(event).padEnd(EVENT_WIDTH))} ${detail.split('\n')[0] ?? ''}\n`,
    );
  }
}

function colourOf(event: string): 'green' | 'red' | 'yellow' | 'cyan' {
  if (event === 'completed') return 'green';
  if (event === 'failed' || event === 'problem') return 'red';
  return event === 'blocked' || event === 'again' || event === 'stop' ? 'yellow' : 'cyan';
}

function warnings(level: string, message: string): void {
  if (level === 'warn' || level === 'error') process.stderr.write(`${paint('yellow', level, process.stderr)}: ${message}\n`);
}
