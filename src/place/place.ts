import { existsSync, lstatSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DEFAULT_DATABASE, databasePath } from '../config/read/database-path.ts';
import type { ConfigProblem } from '../config/read/problems.ts';
import { PortError } from '../engine/ports/error.ts';
import { readPlainSync } from '../files/open-plain.ts';

/** A repository, and where everything of tac8 is in it. All paths are absolute. */
export interface Place {
  readonly root: string;
  /** git's own folder, shared by all worktrees. */
  readonly gitDir: string;
  readonly state: string;
  readonly database: string;
  /** The lock is taken in both places. */
  readonly locks: readonly [string, ...string[]];
  readonly wakeFile: string;
  readonly logs: string;
  readonly board: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Finds the main checkout from any folder of it or of its worktrees. Reads no more of the configuration than the database's path needs. */
export async function findPlace(from: string, env: Environment): Promise<Place> {
  const { root, gitDir } = await findRepository(from);
  const database = await databasePath(root, env);
  if (!database.ok) throw await configError(database.problems);
  return placeAt(root, gitDir, database.path);
}

/** The same for whoever looks at a configuration that may be wrong: then the database is taken to be where it is by default. */
export async function findPlaceAnyway(from: string, env: Environment): Promise<Place> {
  const { root, gitDir } = await findRepository(from);
  const database = await databasePath(root, env);
  return placeAt(root, gitDir, database.ok ? database.path : join(root, DEFAULT_DATABASE));
}

function placeAt(root: string, gitDir: string, database: string): Place {
  const state = join(root, '.tac8');
  return {
    root,
    gitDir,
    state,
    database,
    locks: [join(state, 'lock.db'), join(gitDir, 'tac8-lock.db')],
    wakeFile: join(state, 'wake'),
    logs: join(root, 'logs'),
    board: join(root, 'tasks.md'),
  };
}

/** Every mistake in `tac8.yaml` at once. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];
  constructor(text: string, problems: readonly ConfigProblem[]) {
    super(text);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

export async function configError(problems: readonly ConfigProblem[]): Promise<ConfigError> {
  const { renderProblems } = await import('../config/read/problems.ts');
  return new ConfigError(renderProblems(problems), problems);
}

async function findRepository(from: string): Promise<{ root: string; gitDir: string }> {
  const quick = quickRoot(from);
  if (quick !== null) return quick;
  const { execFileSync } = await import('node:child_process');
  const env = ownEnvironment();
  const ask = (...args: string[]): string =>
    execFileSync('git', ['-C', from, 'rev-parse', ...args], {
      encoding: 'utf8',
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 10_000,
    }).replace(/\n$/, '');
  try {
    const gitDir = realpathSync(resolve(from, ask('--git-common-dir')));
    if (ask('--is-bare-repository') === 'true')
      throw new PortError('terminal', `${gitDir} is a bare repository`, { hint: 'Run tac8 in a checkout, or in a worktree of it.' });
    // Somewhere in git's own folder: what is above it is meant.
    if (ask('--is-inside-git-dir') === 'true') return { root: dirname(gitDir), gitDir };
    const top = realpathSync(ask('--show-toplevel'));
    const isLinked = realpathSync(resolve(from, ask('--absolute-git-dir'))) !== gitDir;
    return { root: isLinked ? mainCheckout(top, gitDir) : top, gitDir };
  } catch (error) {
    if (error instanceof PortError) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new PortError('terminal', 'git is not installed, or not on PATH');
    if (error instanceof Error && error.message.includes('dubious ownership'))
      throw new PortError('terminal', `the repository of ${from} belongs to another user: git refuses to look into it`, {
        hint: 'Run tac8 as the owner of the repository.',
      });
    throw new PortError('terminal', `${from} is not in a git repository`, {
      hint: 'Run tac8 in your repository, or `git init` first; `tac8 demo` shows it without one.',
    });
  }
}

/**
 * The checkout that a linked worktree belongs to: what holds git's own folder; where that is elsewhere or bare, the outermost worktree of the same
 * repository that this one is inside of, since those of tasks are inside of theirs.
 */
function mainCheckout(top: string, gitDir: string): string {
  const above = dirname(gitDir);
  // A worker may have called bare what is not: where tac8 works already, it is a checkout.
  if (basename(gitDir) === '.git' && (!isBare(gitDir) || existsSync(join(above, '.tac8')))) return above;
  let found = top;
  for (let at = dirname(top); at !== dirname(at); at = dirname(at)) if (sharedFolderOf(at) === gitDir) found = at;
  return found;
}

/** git's own folder of the worktree at a path, which is shared by all; null: it is none, or git's folder itself is in it. */
function sharedFolderOf(path: string): string | null {
  try {
    // Some have it as a link to a folder elsewhere.
    if (lstatSync(join(path, '.git')).isSymbolicLink() && statSync(join(path, '.git')).isDirectory())
      return realpathSync(join(path, '.git'));
    const own = resolve(path, /^gitdir: (.*)$/m.exec(readPlainSync(join(path, '.git'), MOST))?.[1]?.trim() ?? '');
    const shared = existsSync(join(own, 'commondir')) ? resolve(own, readPlainSync(join(own, 'commondir'), MOST).trim()) : own;
    return realpathSync(shared);
  } catch {
    return null;
  }
}

const MOST = 1 << 20;

function isBare(gitDir: string): boolean {
  try {
    return /^[ \t]*bare[ \t]*=[ \t]*true/im.test(readPlainSync(join(gitDir, 'config'), MOST));
  } catch {
    return false;
  }
}

/** git looks into another user's repository where the person's own settings allow it (`safe.directory`), and so does tac8. */
export async function refusesOwner({ root, gitDir }: Pick<Place, 'root' | 'gitDir'>): Promise<boolean> {
  const own = process.geteuid?.();
  if ([root, gitDir].every((path) => statSync(path, { throwIfNoEntry: false })?.uid === own)) return false;
  const { spawnSync } = await import('node:child_process');
  const { stderr } = spawnSync('git', ['-C', root, 'rev-parse', '--git-dir'], { encoding: 'utf8', env: ownEnvironment(), timeout: 10_000 });
  return stderr?.includes('dubious ownership') === true;
}

/** Nothing of this shell says where the repository is: a hook of git has GIT_DIR set. */
const ownEnvironment = (): Record<string, string> => ({
  ...{ PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', LC_ALL: 'C', GIT_ALLOW_PROTOCOL: 'none' },
});

/** The common case without a process: a folder with a `.git` folder in it, also where a worker took its HEAD away: a person's `stop` has to come through. */
function quickRoot(from: string): { root: string; gitDir: string } | null {
  if (!existsSync(from)) return null;
  const root = realpathSync(from);
  const gitDir = join(root, '.git');
  return existsSync(join(gitDir, 'HEAD')) || existsSync(join(gitDir, 'objects')) ? { root, gitDir: realpathSync(gitDir) } : null;
}
