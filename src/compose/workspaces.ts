import { join } from 'node:path';
import type { RemoteMemory } from '../adapters/git/transport/memory.ts';
import { createWorkspaces, type GitWorkspaces } from '../adapters/git/workspaces.ts';
import { createHousekeeping } from '../adapters/household/household.ts';
import type { Settings } from '../config/settings.ts';
import type { Log } from '../engine/ports/records/log.ts';
import type { Housekeeping } from '../engine/ports/repository/housekeeping.ts';
import { remoteName } from '../place/origin.ts';
import type { Project } from '../place/project.ts';
import type { Beside } from './beside/jobs.ts';
import { type ForgeAccess, gitLogin } from './forge-access.ts';
import type { Environment } from './log.ts';
import { composePrivateGit, type PrivateGit } from './sandbox/private-git.ts';

/** What worktrees need besides their place. `live`: the settings as they count now; `env`: of this process. */
export interface WorkspaceParts {
  readonly access: ForgeAccess | null;
  readonly memory: RemoteMemory;
  readonly log: Log;
  readonly env: Environment;
  readonly live?: () => Settings;
  /** A daemon has it in hand: its package may be replaced while it runs. */
  readonly beside?: Beside;
  /** Those of the daemon's boxes; default: ones of this process. */
  readonly boxes?: PrivateGit;
}

/** Worktrees and what is saved of them; also without a daemon. */
export function composeWorkspaces(
  project: Project,
  { access, memory, log, env, live = () => project.settings, ...parts }: WorkspaceParts,
): GitWorkspaces {
  const { root, settings } = project;
  const { jobs, envOf } = parts.beside ?? whenAsked(project, { memory, env }, live);
  return createWorkspaces({
    root,
    dir: settings.worktrees.dir,
    baseBranch: settings.baseBranch,
    remote: remoteName(project.gitDir) ?? 'origin',
    branchPrefix: settings.branchPrefix,
    setup: settings.worktrees.setup,
    setupTimeoutMs: () => live().limits.setup,
    setupEnv: (task) => envOf(task, settings.worktrees.env),
    setupNames: settings.worktrees.env,
    jobs,
    boxes: parts.boxes ?? composePrivateGit(root, settings, () => log),
    includeFile: settings.worktrees.include,
    saveGlobs: settings.worktrees.save,
    ...(access === null ? {} : { login: gitLogin(access) }),
    filters: settings.git.filters,
    keepsSettings: parts.beside !== undefined,
    memory,
    gitTimeoutMs: () => live().limits.git,
    log,
  });
}

/** A command that looks around loads nothing of what a launch takes. */
function whenAsked(project: Project, { memory, env }: Pick<WorkspaceParts, 'memory' | 'env'>, live: () => Settings): Beside {
  const loaded = async (): Promise<Beside> => {
    const [{ composeJobs }, { agentSettings }] = await Promise.all([import('./beside/jobs.ts'), import('./agents.ts')]);
    return composeJobs({ state: project.state, live, agent: () => agentSettings(project, live(), memory.base(), env), box: undefined });
  };
  return {
    jobs: { run: async (job, signal) => (await loaded()).jobs.run(job, signal), endLeft: async () => (await loaded()).jobs.endLeft() },
    envOf: async (task, names) => (await loaded()).envOf(task, names),
  };
}

export const composeHousekeeping = ({ root, state, logs, settings }: Project, git: GitWorkspaces): Housekeeping =>
  createHousekeeping({ git, state, logs, trees: join(root, settings.worktrees.dir), ours: oursIn(settings) });

/** What tac8 writes in the main checkout, also where a person keeps it in git. */
function oursIn({ worktrees, metrics, board, store }: Settings): readonly string[] {
  const archive = board.archive === null ? [] : [`${board.archive}/`];
  const database = [store.path, `${store.path}-wal`, `${store.path}-shm`];
  return ['tasks.md', 'logs/', '.tac8/', `${worktrees.dir}/`, metrics.file, `${metrics.file}.tmp`, ...archive, ...database];
}
