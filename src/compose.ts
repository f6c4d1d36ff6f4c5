import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createAgents } from './adapters/agents/agents.ts';
import type { AgentSettings } from './adapters/agents/settings.ts';
import { createBoard } from './adapters/board/index.ts';
import { createWorkspaces } from './adapters/git/workspaces.ts';
import { createGitHubForge, type GitHubForge } from './adapters/github/forge.ts';
import { apiUrlFor, parseRemote } from './adapters/github/remote.ts';
import { createTokenSource } from './adapters/github/token.ts';
import { createDaemonLog } from './adapters/log/daemon-log.ts';
import { createRunLog } from './adapters/log/run-log.ts';
import { systemClock } from './adapters/machine/clock.ts';
import { createSurroundings } from './adapters/machine/surroundings.ts';
import { createWorkers } from './adapters/process/workers.ts';
import { openMemoryStore } from './adapters/store/memory.ts';
import { openSqliteStore } from './adapters/store/sqlite.ts';
import type { Settings } from './config/settings.ts';
import type { Policy } from './core/policy.ts';
import type { HistoryEntry } from './core/records.ts';
import type { Ports } from './engine/context.ts';
import { createEngine, type Engine } from './engine/loop.ts';
import type { Log, Store } from './engine/ports.ts';
import { originUrl } from './origin.ts';
import type { Project } from './project.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Daemon {
  readonly engine: Engine;
  readonly ports: Ports;
  readonly forge: GitHubForge | null;
  readonly store: Store;
  /** `owner/name`, or null: local tasks only. */
  readonly repo: string | null;
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

const GIT_TIMEOUT = 120_000;
const SETUP_TIMEOUT = 15 * 60_000;
const VERIFY_TIMEOUT = 30 * 60_000;

/** Builds every adapter and the engine on top. Touches nothing of the repository but `.tac8/` and git's info/exclude. */
export function composeDaemon({ project, env, tee, onHistory, standing, readOnly }: DaemonOptions): Daemon {
  const { root, settings } = project;
  const log = readOnly ? SILENT : openLog(project, tee);
  const store = tellHistory(readOnly ? openForReading(project) : openSqliteStore({ path: project.database, verify: true }), onHistory);
  const github = composeForge(project, env, log);
  const workspaces = createWorkspaces({
    root,
    dir: settings.worktrees.dir,
    baseBranch: settings.baseBranch,
    remote: 'origin',
    branchPrefix: settings.branchPrefix,
    setup: settings.worktrees.setup,
    setupTimeoutMs: SETUP_TIMEOUT,
    includeFile: settings.worktrees.include,
    saveGlobs: settings.worktrees.save,
    ...(github === null ? {} : { authHeader: github.authHeader }),
    gitTimeoutMs: GIT_TIMEOUT,
    log,
  });
  const ports: Ports = {
    store,
    forge: github?.forge ?? null,
    workspaces,
    workers: createWorkers({ runsDir: join(project.state, 'runs') }),
    agents: createAgents(() => agentSettings(project, env)),
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
      verify: settings.pulls.verify,
      verifyTimeoutMs: VERIFY_TIMEOUT,
      treeOf: (task) => workspaces.pathOf(task),
      env: { PATH: env.PATH ?? '/usr/bin:/bin', HOME: project.state, LANG: env.LANG ?? 'C.UTF-8' },
    }),
    clock: systemClock,
    log,
  };
  const engine = createEngine({
    ports,
    settings: {
      pollInterval: settings.pollInterval,
      trees: settings.worktrees.dir,
      baseBranch: settings.baseBranch,
      draft: settings.pulls.draft,
    },
    policy: () => policyOf(settings),
    ...(standing === undefined ? {} : { standing }),
    readOnly: readOnly === true,
  });
  return {
    engine,
    ports,
    forge: github?.forge ?? null,
    store,
    repo: github?.repo ?? null,
    close: async () => {
      await ports.board.close();
      store.close();
    },
  };
}

const nothing = (): void => undefined;
const SILENT: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

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

/** GitHub, if the configuration or the origin remote names a repository there. */
function composeForge(project: Project, env: Environment, log: Log) {
  const { settings } = project;
  const remote = parseRemote(originUrl(project.gitDir) ?? '');
  const named = settings.repo?.split('/');
  const owner = named?.[0] ?? remote?.owner;
  const name = named?.[1] ?? remote?.name;
  if (owner === undefined || name === undefined) return null;
  const given = settings.github.apiUrl;
  const apiUrl = given === 'https://api.github.com' && remote !== null ? apiUrlFor(remote.host) : given;
  const token = createTokenSource({ env, variable: settings.github.tokenEnv, host: remote?.host ?? 'github.com', log });
  const forge = createGitHubForge({
    apiUrl,
    repo: { owner, name },
    token,
    log,
    timeoutMs: 30_000,
    ...(isLoopback(apiUrl) ? { writeGapMs: 0 } : {}),
  });
  const authHeader = async (): Promise<string | null> => {
    const value = await token().catch(() => null);
    return value === null ? null : `Authorization: Basic ${Buffer.from(`x-access-token:${value}`).toString('base64')}`;
  };
  return { forge, repo: `${owner}/${name}`, authHeader };
}

/** The pause between writes is GitHub's wish; a forge on this machine has no such wish. */
const isLoopback = (url: string): boolean => /^https?:\/\/(127\.|localhost[:/]|\[::1\])/.test(url);

export function policyOf(settings: Settings): Policy {
  const { limits } = settings;
  return {
    label: settings.label,
    branchPrefix: settings.branchPrefix,
    slots: settings.maxConcurrentWorkers,
    attempts: limits.attempts,
    retryDelay: limits.retryDelay,
    limits: {
      runTime: limits.runTime,
      silence: limits.silence,
      firstEvent: limits.firstEvent,
      turns: limits.turns,
      tokens: limits.tokens,
      usdPerTask: limits.usdPerTask,
      logBytes: limits.log,
      minFreeMemory: limits.minFreeMemory,
      minFreeDisk: limits.minFreeDisk,
      loadPerCore: limits.loadPerCore,
      startGap: limits.startGap,
    },
    stop: settings.stop,
    pulls: { openedBy: settings.pulls.openedBy, verify: settings.pulls.verify !== null },
    agent: { kind: settings.agent.kind, model: settings.agent.model },
    routes: settings.routes,
    comment: true,
  };
}

function agentSettings(project: Project, env: Environment): AgentSettings {
  const { settings, root } = project;
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
    baseBranch: settings.baseBranch ?? 'main',
    template: join(root, 'worker_template.md'),
    author: { name: 'tac8', email: 'tac8@localhost' },
    machine: env,
    home: env.HOME ?? homedir(),
    isRoot: process.getuid?.() === 0,
  };
}
