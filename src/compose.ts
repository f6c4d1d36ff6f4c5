import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createAgents } from './adapters/agents/agents.ts';
import type { AgentSettings } from './adapters/agents/settings.ts';
import { readNow } from './adapters/board/file.ts';
import { createBoard } from './adapters/board/index.ts';
import { createWorkspaces, type GitWorkspaces } from './adapters/git/workspaces.ts';
import { createGitHubForge, type GitHubForge } from './adapters/github/forge.ts';
import { createTokenSource } from './adapters/github/token.ts';
import { createHousekeeping } from './adapters/household/household.ts';
import { createDaemonLog } from './adapters/log/daemon-log.ts';
import { createRunLog } from './adapters/log/run-log.ts';
import { systemClock } from './adapters/machine/clock.ts';
import { createSurroundings } from './adapters/machine/surroundings.ts';
import { createWorkers } from './adapters/process/workers.ts';
import { openMemoryStore } from './adapters/store/memory.ts';
import { type Damage, openOrBegin } from './adapters/store/open-or-begin.ts';
import { openSqliteStore } from './adapters/store/sqlite.ts';
import { composeNotifier } from './compose-notifier.ts';
import { createLiveConfig } from './config/live.ts';
import type { Settings } from './config/settings.ts';
import { NEW_FLEET } from './core/fleet.ts';
import type { Policy } from './core/policy.ts';
import type { HistoryEntry } from './core/records.ts';
import { lastLocalIn } from './core/task.ts';
import type { Ports } from './engine/context.ts';
import { createEngine, type Engine } from './engine/loop.ts';
import type { Clock, Housekeeping, Log, Store, Workers } from './engine/ports.ts';
import { forgeAddress } from './forge-address.ts';
import { headBranch } from './origin.ts';
import { policyOf } from './policy-of.ts';
import type { Project } from './project.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Daemon {
  readonly engine: Engine;
  readonly ports: Ports;
  readonly forge: GitHubForge | null;
  readonly store: Store;
  /** `owner/name`, or null: local tasks only. */
  readonly repo: string | null;
  /** With a new database: local tasks get numbers that neither git nor the board knows yet, so that none goes on with another's branch. */
  countOn(): Promise<void>;
  close(): Promise<void>;
}

export interface DaemonOptions {
  readonly project: Project;
  readonly env: Environment;
  /** Shown to a person at the terminal. */
  readonly tee?: ((level: string, message: string) => void) | undefined;
  /** Told of every entry of the history once it is written. */
  readonly onHistory?: (entries: readonly HistoryEntry[]) => void;
  /** See EngineOptions. */
  readonly standing?: () => string | null;
  /** Only looks: the store is read, nothing is written anywhere. */
  readonly readOnly?: true;
}

const inOneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ');

const GIT_TIMEOUT = 120_000;
const SETUP_TIMEOUT = 15 * 60_000;
const VERIFY_TIMEOUT = 30 * 60_000;

/** Builds every adapter and the engine on top. Touches nothing of the repository but `.tac8/` and git's info/exclude. */
export function composeDaemon({ project, env, tee, onHistory, standing, readOnly }: DaemonOptions): Daemon {
  const { root, settings } = project;
  const log = readOnly ? SILENT : openLog(project, tee);
  const store = tellHistory(
    readOnly ? openForReading(project) : openOrBegin(project.database, systemClock.now(), (damage) => tellDamage(log, damage)),
    onHistory,
  );
  let complaint: string | null = null;
  const live = createLiveConfig({
    root,
    env,
    first: settings,
    onChange: (problems) => {
      complaint = problems === null ? null : `the changed tac8.yaml is not taken up, the last good one counts: ${inOneLine(problems)}`;
      if (problems === null) log.info('tac8.yaml was read again');
      else log.error(`tac8.yaml changed and is not taken up, the last good one counts:\n${problems}`);
    },
  });
  const github = composeForge(project, env, log);
  const workspaces = composeWorkspaces(project, github?.authHeader ?? null, log);
  const ports: Ports = {
    store,
    forge: github?.forge ?? null,
    workspaces,
    housekeeping: createHousekeeping({ git: workspaces, state: project.state, logs: project.logs, ours: oursIn(settings) }),
    workers: createWorkers({ runsDir: join(project.state, 'runs'), logs: project.logs, memory: () => live().limits.memory }),
    agents: createAgents(() => agentSettings(project, live(), env)),
    board: createBoard({
      path: project.board,
      dir: join(project.state, 'board'),
      archive: settings.board.archive === null ? null : join(root, settings.board.archive),
      onNote: (note) => log.warn(`tasks.md: ${note.message}`),
    }),
    runLog: createRunLog(root),
    surroundings: createSurroundings({
      root,
      metricsFile: join(root, settings.metrics.file),
      sysfs: settings.metrics.sysfs,
      verify: () => live().pulls.verify,
      verifyTimeoutMs: VERIFY_TIMEOUT,
      treeOf: (task) => workspaces.pathOf(task),
      env: { PATH: env.PATH ?? '/usr/bin:/bin', HOME: project.state, LANG: env.LANG ?? 'C.UTF-8' },
    }),
    notifier: composeNotifier({ root, repo: github?.repo ?? null, env, settings: live }),
    clock: systemClock,
    log,
  };
  const engine = createEngine({
    ports,
    settings: {
      pollInterval: () => live().pollInterval,
      trees: settings.worktrees.dir,
      baseBranch: settings.baseBranch,
      draft: settings.pulls.draft,
      complaint: () => complaint,
    },
    policy: () => policyOf(live()),
    ...(standing === undefined ? {} : { standing }),
    readOnly: readOnly === true,
  });
  return {
    engine,
    ports,
    forge: github?.forge ?? null,
    store,
    repo: github?.repo ?? null,
    countOn: async () => {
      if (store.fact('fleet') !== null) return;
      // A board that cannot be read is told of by whoever reads it next.
      const shown = await readNow(project.board).catch(() => null);
      const last = Math.max(await workspaces.lastLocal(), lastLocalIn(shown?.text ?? ''));
      store.commit({ facts: { fleet: { ...NEW_FLEET, nextLocal: last + 1 } } });
    },
    close: async () => {
      await ports.board.close();
      store.close();
    },
  };
}

/** Worktrees and what is saved of them; also without a daemon. */
function composeWorkspaces({ root, settings }: Project, authHeader: (() => Promise<string | null>) | null, log: Log): GitWorkspaces {
  return createWorkspaces({
    root,
    dir: settings.worktrees.dir,
    baseBranch: settings.baseBranch,
    remote: 'origin',
    branchPrefix: settings.branchPrefix,
    setup: settings.worktrees.setup,
    setupTimeoutMs: SETUP_TIMEOUT,
    includeFile: settings.worktrees.include,
    saveGlobs: settings.worktrees.save,
    ...(authHeader === null ? {} : { authHeader }),
    gitTimeoutMs: GIT_TIMEOUT,
    log,
  });
}

/** What a command needs that keeps house without a daemon. Nothing of it writes into the store; its messages go into the daemon's log. */
export interface Premises {
  readonly forge: GitHubForge | null;
  readonly workspaces: GitWorkspaces;
  readonly housekeeping: Housekeeping;
  readonly workers: Workers;
  readonly store: Store;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly log: Log;
  close(): void;
}

/** `write`: the store is opened for writing. */
export function composePremises(project: Project, env: Environment, write: boolean): Premises {
  const { settings } = project;
  // A look around leaves nothing behind where no daemon ever ran.
  const log = existsSync(project.logs) ? openLog(project, undefined) : SILENT;
  const github = composeForge(project, env, log);
  const workspaces = composeWorkspaces(project, github?.authHeader ?? null, log);
  const store = write ? openSqliteStore({ path: project.database }) : openForReading(project);
  return {
    forge: github?.forge ?? null,
    workspaces,
    housekeeping: createHousekeeping({ git: workspaces, state: project.state, logs: project.logs, ours: oursIn(settings) }),
    workers: createWorkers({ runsDir: join(project.state, 'runs'), logs: project.logs }),
    store,
    policy: policyOf(settings),
    clock: systemClock,
    log,
    close: store.close,
  };
}

const tellDamage = (log: Log, { kept, message }: Damage): void =>
  log.error(
    `${message}; it is kept as ${kept}, and a new one is begun. Its history and counters are in the old one; issues, the board, branches, saved work, logs and live workers are taken up again.`,
  );

const nothing = (): void => undefined;
export const SILENT: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

function openLog(project: Project, tee: DaemonOptions['tee']): Log {
  mkdirSync(project.state, { recursive: true, mode: 0o700 });
  mkdirSync(dirname(project.database), { recursive: true });
  return createDaemonLog(join(project.logs, 'tac8.log'), tee);
}

/** Before the first start there is no database: an empty one in memory tells the same. */
const openForReading = (project: Project): Store =>
  existsSync(project.database) ? openSqliteStore({ path: project.database, readOnly: true }) : openMemoryStore();

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

/** Where the forge is and how it is asked; null: the configuration and the origin remote name no repository there. */
export function forgeAccess(project: Pick<Project, 'gitDir' | 'settings'>, env: Environment, log: Log) {
  const address = forgeAddress(project);
  if (address === null) return null;
  const { owner, name, apiUrl, host } = address;
  const token = createTokenSource({ env, variable: project.settings.github.tokenEnv, host, log });
  return { apiUrl, repo: { owner, name }, token };
}

function composeForge(project: Project, env: Environment, log: Log) {
  const access = forgeAccess(project, env, log);
  if (access === null) return null;
  const { apiUrl, repo, token } = access;
  const forge = createGitHubForge({ ...access, log, timeoutMs: 30_000, ...(isLoopback(apiUrl) ? { writeGapMs: 0 } : {}) });
  const authHeader = async (): Promise<string | null> => {
    const value = await token().catch(() => null);
    return value === null ? null : `Authorization: Basic ${Buffer.from(`x-access-token:${value}`).toString('base64')}`;
  };
  return { forge, repo: `${repo.owner}/${repo.name}`, authHeader };
}

/** The pause between writes is GitHub's wish; a forge on this machine has no such wish. */
const isLoopback = (url: string): boolean => /^https?:\/\/(127\.|localhost[:/]|\[::1\])/.test(url);

/** What tac8 writes in the main checkout, also where a person keeps it in git. */
function oursIn({ worktrees, metrics, board, store }: Settings): readonly string[] {
  const archive = board.archive === null ? [] : [`${board.archive}/`];
  const database = [store.path, `${store.path}-wal`, `${store.path}-shm`];
  return ['tasks.md', 'logs/', '.tac8/', `${worktrees.dir}/`, metrics.file, `${metrics.file}.tmp`, ...archive, ...database];
}

/** What the agents' adapter is told. */
export function agentSettings({ root, gitDir }: Pick<Project, 'root' | 'gitDir'>, settings: Settings, env: Environment): AgentSettings {
  return {
    root,
    kind: settings.agent.kind,
    command: settings.agent.command,
    model: settings.agent.model,
    env: settings.agent.env,
    repoSettings: settings.agent.repoSettings,
    permissionMode: null,
    args: [],
    limits: { turns: settings.limits.turns, usdPerTask: settings.limits.usdPerTask },
    baseBranch: settings.baseBranch ?? headBranch(gitDir),
    template: join(root, 'worker_template.md'),
    author: { name: 'tac8', email: 'tac8@localhost' },
    machine: env,
    home: env.HOME ?? homedir(),
    isRoot: process.getuid?.() === 0,
  };
}
