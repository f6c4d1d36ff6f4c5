import type { Log } from '../../engine/ports.ts';
import { type BaseFinder, createBaseFinder } from './base.ts';
import { addExcludes } from './exclude.ts';
import type { Git } from './git.ts';
import type { Places } from './places.ts';
import { createRemote, type Remote } from './remote.ts';
import { openRepository } from './repository.ts';
import type { SaveParts } from './save.ts';

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
  readonly setupTimeoutMs: number;
  /** The whole environment of the setup script. Default: PATH and a HOME of its own. */
  readonly setupEnv?: Readonly<Record<string, string>>;
  readonly includeFile: string;
  /** gitignore-style patterns of ignored files that a snapshot holds too. */
  readonly saveGlobs: readonly string[];
  /** The header line `Authorization: …` for https; null: no token. */
  readonly authHeader?: () => Promise<string | null>;
  /** Without a token: fetch and push with the person's own git settings and ssh agent. Default true. */
  readonly useUserGitConfig?: boolean;
  readonly gitTimeoutMs: number;
  /** For snapshots and removals, which read or delete every file. Default: 10 min, or gitTimeoutMs if that is longer. */
  readonly saveTimeoutMs?: number;
  /** A fetch of the base younger than this is not repeated. Default 30 s. */
  readonly fetchFreshMs?: number;
  /** Default `.tac8`. */
  readonly stateDir?: string;
  readonly log?: Log;
}

/** What belongs together once the repository is found. */
export interface Kit extends SaveParts {
  readonly options: WorkspacesOptions;
  readonly remote: Remote;
  readonly base: BaseFinder;
}

const SILENT: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Finds the repository and writes our patterns into its info/exclude. Terminal PortError where there is none to work in. */
export async function openKit(options: WorkspacesOptions, git: Git, places: Places): Promise<Kit> {
  const log = options.log ?? SILENT;
  const repository = await openRepository(git, options.root);
  await addExcludes(repository, options.dir);
  const remote = createRemote(git, repository, {
    name: options.remote,
    ...(options.authHeader === undefined ? {} : { authHeader: options.authHeader }),
    useUserGitConfig: options.useUserGitConfig ?? true,
    timeoutMs: options.gitTimeoutMs,
  });
  await remote.url();
  const base = createBaseFinder(git, repository, remote, {
    baseBranch: options.baseBranch,
    remoteName: options.remote,
    branchPrefix: options.branchPrefix,
    freshMs: options.fetchFreshMs ?? 30_000,
    log,
  });
  const timeoutMs = options.saveTimeoutMs ?? Math.max(600_000, options.gitTimeoutMs);
  return { options, git, repository, places, remote, base, log, timeoutMs, saveGlobs: options.saveGlobs };
}
