import { join } from 'node:path';
import type { TaskId } from '../../../core/model/task.ts';
import type { Jobs } from '../../../engine/ports/machine/jobs.ts';
import type { Log } from '../../../engine/ports/records/log.ts';
import { createGit, type Git } from '../call/git.ts';
import type { PrivateGit } from '../private/private.ts';
import { addExcludes, excludePatterns } from '../repository/exclude.ts';
import type { Places } from '../repository/places.ts';
import { openRepository, type Repository } from '../repository/repository.ts';
import { createKeptIndexes } from '../saved/kept-index.ts';
import type { SaveParts } from '../saved/save.ts';
import type { Login } from '../transport/access.ts';
import { type BaseFinder, createBaseFinder } from '../transport/base.ts';
import { type RemoteMemory, shortMemory } from '../transport/memory.ts';
import { createRemote, type Remote } from '../transport/remote.ts';
import { readSettings, type Setting } from '../view/config-text.ts';
import { absent, readPlainText } from '../view/files.ts';
import { filtersLeftOut, leftOutRemedy, leftOutWords } from '../view/filters.ts';
import { loginsIn, loginsRemedy, loginsWords } from '../view/logins.ts';
import { tellWhatWaits } from '../view/start.ts';

export interface WorkspacesOptions {
  /** The main checkout, absolute. */
  readonly root: string;
  /** Where the worktrees are, from the root: `trees`. */
  readonly dir: string;
  /** Null: the remote's default branch. */
  readonly baseBranch: string | null;
  /** Usually `origin`; null, or a name that the repository does not know: no remote. */
  readonly remote: string | null;
  readonly branchPrefix: string;
  /** A script, from the root; null: none. */
  readonly setup: string | null;
  readonly setupTimeoutMs: () => number;
  /** The whole environment of the setup script. */
  readonly setupEnv: (task: TaskId) => Promise<Readonly<Record<string, string>>>;
  /** Names of variables in it that a person asked for, for the words of a failure. */
  readonly setupNames: readonly string[];
  /** The folders of git that workers in boxes have; left out: they share the repository's. */
  readonly boxes?: PrivateGit;
  /** What runs the setup script. */
  readonly jobs: Jobs;
  readonly includeFile: string;
  /** gitignore-style patterns of ignored files that a snapshot holds too. */
  readonly saveGlobs: readonly string[];
  /** The daemon's login at the forge, for that host alone. */
  readonly login?: Login;
  /** Where the remote is, beyond this process. Default: what it is at the first look. */
  readonly memory?: RemoteMemory;
  /** Filters that may run; see call/git.ts. */
  readonly filters?: readonly string[];
  /** Without a token: fetch and push with the person's own git settings and ssh agent. Default true. */
  readonly useUserGitConfig?: boolean;
  /** As long as it lives, the repository's settings count as they stood at the first look. Default: as they are. */
  readonly keepsSettings?: boolean;
  readonly gitTimeoutMs: () => number;
  /** For snapshots and removals, which read or delete every file. Default: 10 min, or gitTimeoutMs if that is longer. */
  readonly saveTimeoutMs?: () => number;
  /** A fetch of the base younger than this is not repeated. Default 30 s. */
  readonly fetchFreshMs?: number;
  /** Default `.tac8`. */
  readonly stateDir?: string;
  readonly log?: Log;
}

/** What belongs together once the repository is found. */
export interface Kit extends SaveParts {
  /** Settings of the main checkout alone, as they were at the first look. */
  readonly ownSettings: readonly Setting[];
  readonly options: WorkspacesOptions;
  readonly remote: Remote;
  readonly base: BaseFinder;
}

export const SILENT: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** The one function through which git is run for these worktrees. */
export function gitFor(options: WorkspacesOptions, { state }: Places): Git {
  const keeps = { excludes: excludePatterns(options.dir), waits: tellWhatWaits(options.log ?? SILENT) };
  const { root, gitTimeoutMs: timeoutMs, filters = [] } = options;
  return createGit({ cwd: root, stateDir: state, timeoutMs, filters, ...(options.keepsSettings === true ? { keeps } : {}) });
}

/** Words of git under LC_ALL=C about the settings that it reads. */
const OF_SETTINGS = /\bconfig|repository extension|repo version|bad \S+ value|invalid value|environment variable/i;
const READ_WITHIN = 5_000;

/** Why git itself cannot work with the repository’s own settings, null: it can. By a look at one ref, which starts no program, whatever they name. */
export function refusesIn(git: Git, root: string): (isOdd: boolean) => Promise<string | null> {
  return async (isOdd) => {
    const there = { cwd: root, settings: 'shared', codes: [0, 128], timeoutMs: READ_WITHIN } as const;
    const { code, stdout, stderr } = await git(['for-each-ref', '--count=1'], there);
    if (code !== 0) return OF_SETTINGS.test(stderr) ? `refused by git (${stderr.trim().split('\n')[0]})` : null;
    return isOdd && stdout === '' ? 'of a form in which git finds no branch' : null;
  };
}

/** Finds the repository and writes our patterns into its info/exclude. Terminal PortError where there is none to work in. */
export async function openKit(options: WorkspacesOptions, git: Git, places: Places): Promise<Kit> {
  const log = options.log ?? SILENT;
  const repository = await openRepository(git, options.root);
  await addExcludes(repository, options.dir);
  const leftOut = await filtersLeftOut(options.root, repository.commonDir, options.filters ?? []);
  if (leftOut.length > 0) log.warn(leftOutWords(leftOut), { remedy: leftOutRemedy(leftOut) });
  const logins = await loginsIn(repository.commonDir);
  if (logins.length > 0) log.warn(loginsWords(logins), { remedy: loginsRemedy(logins) });
  const memory = options.memory ?? shortMemory();
  const remote = createRemote(git, repository, {
    name: options.remote,
    ...(options.login === undefined ? {} : { login: options.login }),
    memory,
    stateDir: places.state,
    files: options.filters?.includes('lfs') ? 'carried' : leftOut.includes('lfs') ? { remedy: leftOutRemedy(['lfs']) } : null,
    useUserGitConfig: options.useUserGitConfig ?? true,
    timeoutMs: options.gitTimeoutMs,
  });
  // The first look pins it. A command that knows it already and tells nobody starts no git to read settings that it may have no use for.
  if (memory.tells || memory.address() === null) await remote.address();
  const local = withContents(git, remote);
  const base = createBaseFinder(local, repository, remote, {
    baseBranch: options.baseBranch,
    memory,
    remoteName: options.remote,
    branchPrefix: options.branchPrefix,
    freshMs: options.fetchFreshMs ?? 30_000,
    log,
  });
  const timeoutMs = options.saveTimeoutMs ?? (() => Math.max(600_000, options.gitTimeoutMs()));
  const kept = createKeptIndexes(places.kept, repository.commonDir);
  const ownSettings = await ownSettingsOf(repository);
  return { options, ownSettings, git: local, repository, places, remote, base, log, timeoutMs, kept, saveGlobs: options.saveGlobs };
}

async function ownSettingsOf({ gitDir }: Repository): Promise<readonly Setting[]> {
  const text = await readPlainText(join(gitDir, 'config.worktree')).catch(absent(''));
  return (readSettings(text) ?? []).filter(([key]) => key !== 'core.bare' && key !== 'core.worktree');
}

/** In a partial clone, whatever git looks at may have to be fetched first. */
function withContents(git: Git, remote: Remote): Git {
  return async (args, call = {}) => {
    const lazily = call.settings === undefined ? await remote.lazily() : null;
    if (lazily === null) return git(args, call);
    return git(args, {
      ...call,
      ...lazily,
      env: { ...lazily.env, ...call.env },
      config: [...(lazily.config ?? []), ...(call.config ?? [])],
    });
  };
}
