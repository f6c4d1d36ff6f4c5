import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createAgents } from '../adapters/agents/agents.ts';
import { readNow } from '../adapters/board/file/file.ts';
import { createBoard, type FileBoard, watchBoard } from '../adapters/board/index.ts';
import type { GitWorkspaces } from '../adapters/git/workspaces.ts';
import type { GitHubForge } from '../adapters/github/forge.ts';
import { createDaemonLog } from '../adapters/log/daemon-log.ts';
import { createRunLog } from '../adapters/log/run-log.ts';
import { systemClock } from '../adapters/machine/clock.ts';
import { createSurroundings } from '../adapters/machine/surroundings.ts';
import { watchFolder } from '../adapters/machine/watch.ts';
import { createWorkers } from '../adapters/process/workers.ts';
import { openOrBegin } from '../adapters/store/sqlite/open-or-begin.ts';
import { createIssueTexts } from '../adapters/text/issue-texts.ts';
import { RAW } from '../agents/words/raw-log.ts';
import { type Change, createLiveConfig } from '../config/read/live.ts';
import type { Settings } from '../config/settings.ts';
import { NEW_FLEET } from '../core/model/fleet.ts';
import type { HistoryEntry } from '../core/model/records.ts';
import { lastLocalIn } from '../core/model/task.ts';
import type { Policy } from '../core/tick/policy.ts';
import { createEngine, type Engine, type EngineOptions } from '../engine/loop.ts';
import type { Ports } from '../engine/ports/context.ts';
import { PortError } from '../engine/ports/error.ts';
import type { IssueTexts } from '../engine/ports/outside/issue-texts.ts';
import type { Damage, Misfit } from '../engine/ports/records/facts.ts';
import type { Log } from '../engine/ports/records/log.ts';
import type { Store } from '../engine/ports/records/store.ts';
import { ownProgram } from '../place/own-files.ts';
import type { Accepted, Project } from '../place/project.ts';
import { agentSettings } from './agents.ts';
import { composeAgentsForge } from './beside/agents-forge.ts';
import { composeJobs } from './beside/jobs.ts';
import { fenced, type OtherMachines } from './fence/fence.ts';
import { composeForge, composeProse } from './forge.ts';
import { forgeAccess } from './forge-access.ts';
import { acceptNamed, asWritten, pinnedOrigin, remoteMemory, siteOf } from './forge-address.ts';
import type { Environment, Tee } from './log.ts';
import { composeNotifier } from './notifier.ts';
import { policyOf } from './policy-of.ts';
import { type Meaning, meaningOf } from './remote/meaning.ts';
import { allowHost, chooseSandbox, composeSandbox, refusal } from './sandbox/sandbox.ts';
import { composeHousekeeping, composeWorkspaces } from './workspaces.ts';

export interface Daemon {
  readonly engine: Engine;
  readonly ports: Ports;
  readonly forge: GitHubForge | null;
  readonly store: Store;
  readonly workspaces: GitWorkspaces;
  readonly board: FileBoard;
  /** `owner/name`, or null: local tasks only. */
  readonly repo: string | null;
  /** With a new database: local tasks get numbers that neither git nor the board knows yet, so that none goes on with another's branch. */
  countOn(): Promise<void>;
  /** Wakes the loop at what happens outside, until the answer is called. */
  watch(): () => void;
  /** Lets the address of origin count that git's settings name now; says what came of it. */
  acceptRemote(): Promise<string>;
  /** Lets a task's workers reach a host from now on. */
  allow(task: string, host: string): { readonly ok: boolean; readonly message: string };
  close(): Promise<void>;
}

export interface DaemonOptions extends Pick<EngineOptions, 'standing' | 'onClockSet' | 'said'> {
  readonly project: Accepted;
  readonly env: Environment;
  readonly texts: IssueTexts;
  /** What the remote's addresses say of the forge; left out: as git's settings have them. */
  readonly meaning?: Meaning;
  readonly tee?: Tee;
  /** Told of every entry of the history once it is written. */
  readonly onHistory?: (entries: readonly HistoryEntry[]) => void;
  /** Other machines that do the work; left out: this one does. */
  readonly machines?: OtherMachines | null;
}

/** Made once in a process: after a reload, the file of its thread may be another version's. */
export const composeTexts = (): IssueTexts => ({ ...createIssueTexts(ownProgram('adapters/text/thread')), prose: composeProse() });

/** Builds every adapter and the engine on top. Touches nothing of the repository but `.tac8/` and git's info/exclude. */
export function composeDaemon({
  project,
  env,
  texts,
  meaning = asWritten(project.gitDir),
  tee,
  onHistory,
  machines = null,
  standing,
  onClockSet,
  said,
}: DaemonOptions): Daemon {
  const { root, settings, written } = project;
  const choice = chooseSandbox(settings);
  if (choice.kind === 'refused') throw new PortError('terminal', refusal(choice.why));
  // Read once: later, another version of the package may stand in its place, or none.
  void import('../adapters/git/call/persons-author.ts');
  if (choice.kind !== 'none') void import('../adapters/process/box/reading.ts');
  const sandbox = choice.kind === 'bwrap' ? composeSandbox(project, settings, choice, env, true, () => log) : null;
  for (const folder of [project.state, dirname(project.database)]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const log = createDaemonLog(join(project.logs, 'tac8.log'), tee);
  const opened = tellHistory(
    openOrBegin(
      project.database,
      systemClock.now(),
      (damage) => tellDamage(log, damage),
      (misfit) => tellMisfit(log, misfit),
    ),
    onHistory,
  );
  const store = machines?.keeping(opened, project.database) ?? opened;
  let complaint: string | null = null;
  const live = createLiveConfig({
    root,
    env,
    first: written,
    onChange: (change) => {
      complaint = complaintOf(change);
      if (change.problems !== null)
        log.error(`tac8.yaml was changed and has a mistake; the last good settings stay in force:\n${change.problems}`);
      else if (complaint !== null) log.warn(complaint);
      else log.info('tac8.yaml was read again');
    },
  });
  const memory = remoteMemory(store, meaning, true);
  const access = forgeAccess(settings, pinnedOrigin(store, meaning), env, log);
  const forge = access === null ? null : composeForge(access, memory, log, project, { prose: texts.prose, mayWrite: machines?.mayAct });
  const host = access === null ? null : siteOf(access.apiUrl).host;
  const agentsForge = composeAgentsForge({ host, forge, settings, state: project.state, store, log });
  const repo = access === null ? null : `${access.repo.owner}/${access.repo.name}`;
  const settingsOf = (profile?: string) => agentSettings(project, live(), memory.base(), env, sandbox !== null, profile);
  const beside = composeJobs({
    ...{ state: project.state, live, box: sandbox?.beside },
    agent: () => settingsOf(),
  });
  const workspaces = composeWorkspaces(project, {
    access,
    memory,
    log,
    env,
    live,
    beside,
    ...(sandbox === null ? {} : { boxes: sandbox.boxes }),
  });
  const board = createBoard({
    path: project.board,
    dir: join(project.state, 'board'),
    archive: settings.board.archive === null ? null : join(root, settings.board.archive),
    onNote: (note) => log.warn(`tasks.md: ${note.message}`),
  });
  const own: Ports = {
    store,
    forge,
    workspaces,
    claims: forge === null ? null : workspaces.claims,
    housekeeping: composeHousekeeping(project, workspaces),
    workers: createWorkers({ runsDir: join(project.state, 'runs'), logs: project.logs, memory: () => live().limits.memory }),
    agents: createAgents(settingsOf, texts, agentsForge.after(sandbox?.wrap)),
    board,
    runLog: createRunLog(root),
    surroundings: createSurroundings({
      root,
      metricsFile: join(root, settings.metrics.file),
      sysfs: settings.metrics.sysfs,
      verify: () => live().pulls.verify,
      verifyTimeoutMs: () => live().limits.verify,
      treeOf: (task) => workspaces.pathOf(task),
      logOf: (task) => join(project.state, 'verify', `${task}.log`),
      env: (task) => beside.envOf(task, settings.pulls.env),
      jobs: beside.jobs,
    }),
    notifier: composeNotifier({ root, repo, env, settings: live }),
    texts,
    clock: systemClock,
    log,
  };
  const ports = machines === null ? own : fenced(own, machines);
  const policy = policyFrom(live);
  const engine = createEngine({
    ports,
    settings: {
      pollInterval: () => live().pollInterval,
      trees: settings.worktrees.dir,
      baseBranch: settings.baseBranch,
      draft: settings.pulls.draft,
      sandbox: choice.kind === 'bwrap' ? (choice.image === null ? 'bwrap' : 'container') : choice.chosen ? 'none' : 'unchosen',
      complaint: () => complaint ?? memory.held() ?? memory.unfetched(),
    },
    policy,
    ...(machines === null ? {} : { machines: machines.sites({ workspaces, log, store, logs: project.logs, policy }) }),
    ...(standing === undefined ? {} : { standing }),
    ...(onClockSet === undefined ? {} : { onClockSet }),
    ...(said === undefined ? {} : { said }),
  });
  return {
    engine,
    ports,
    forge,
    store,
    workspaces,
    board,
    repo,
    allow: (task, host) => allowHost(sandbox, task, host),
    acceptRemote: () => acceptNamed(memory, workspaces.named, (address) => meaningOf(address, project.gitDir, env)),
    countOn: async () => {
      if (store.fact('fleet') !== null) return;
      // A board that cannot be read is told of by whoever reads it next.
      const shown = await readNow(project.board).catch(() => null);
      const last = Math.max(await workspaces.lastLocal(), lastLocalIn(shown?.text ?? ''));
      store.commit({ facts: { fleet: { ...NEW_FLEET, nextLocal: last + 1 } } });
    },
    watch: () => {
      const stops = [watchEverything(project, engine), agentsForge.watch(), sandbox?.egress.keepUp(log.error) ?? (() => undefined)];
      return () => {
        for (const stop of stops) stop();
      };
    },
    close: async () => {
      await agentsForge.close();
      await ports.board.close();
      store.close();
    },
  };
}

/** What is not as tac8.yaml says, for people; null: all of it counts. */
function complaintOf(change: Change): string | null {
  if (change.problems !== null)
    return `tac8.yaml was changed and has a mistake; the last good settings stay in force: ${change.problems.replaceAll(/(?<!\s)\s*\n\s*/g, ' ')}`;
  if (change.waiting.length === 0) return null;
  const names = change.waiting.map((name) => `\`${name}\``).join(', ');
  return `tac8.yaml was changed: ${names} ${change.waiting.length === 1 ? 'counts' : 'count'} after \`tac8 reload\` or a restart, since a worker can write the file; the rest counts now`;
}

const tellDamage = (log: Log, { kept, message }: Damage): void =>
  log.error(
    `${message}; it is kept as ${kept}, and a new one is begun. Its history and counters are in the old one; issues, the board, branches, saved work, logs and live workers are taken up again.`,
  );

/** The store reads on: a fact counts as absent, a task as failed, a run as ended. */
const tellMisfit = (log: Log, { what, why }: Misfit): void =>
  log.error(`the database: ${what} does not have the shape that this tac8 writes: ${why}; \`tac8 doctor\` names all`);

function tellHistory(store: Store, listener: DaemonOptions['onHistory']): Store {
  if (listener === undefined) return store;
  return {
    ...store,
    commit(commit) {
      store.commit(commit);
      if (commit.history !== undefined && commit.history.length > 0) listener(commit.history);
    },
  };
}

/** The same policy for the same settings: so it is seen that nothing has changed. */
function policyFrom(live: () => Settings): () => Policy {
  let last: { readonly settings: Settings; readonly policy: Policy } | null = null;
  return () => {
    const settings = live();
    if (last?.settings !== settings) last = { settings, policy: policyOf(settings) };
    return last.policy;
  };
}

/** What agents say is taken in a few times a second at most, less often where that takes long. */
const HEARD_EVERY = 250;
const HEARD_AT_LEAST_EVERY = 1_000;
const SHARE_OF_TIME = 8;

/** What happens outside wakes the loop. */
function watchEverything(project: Project, { wake, pulse }: Engine): () => void {
  const gap = (): number => Math.min(HEARD_AT_LEAST_EVERY, Math.max(HEARD_EVERY, SHARE_OF_TIME * pulse().lastTook));
  const stops = [
    watchFolder(
      project.state,
      (name) => name === 'wake',
      wake,
      () => 0,
    ),
    watchBoard(project.board, wake),
    watchFolder(project.logs, (name) => name.endsWith('.jsonl') && !name.endsWith(RAW), wake, gap),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
