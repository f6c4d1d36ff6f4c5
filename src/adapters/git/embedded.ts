import { lstat, readFile, realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { PortError } from '../../engine/ports.ts';
import { absent } from './files.ts';
import type { Git, GitCall } from './git.ts';
import { type KeepPlaces, keepGitDir } from './git-dir.ts';
import { addPaths, bytePath, type Listed, parseListing } from './own-index.ts';
import { utf8 } from './repository.ts';
import { callFor, type Source } from './source.ts';

/** A repository inside of a worktree, as a snapshot keeps it. Its files are in the snapshot's tree at `path`. */
export interface Embedded {
  /** From the worktree's top, bytes as latin1; empty: the folder itself, which is no worktree of this repository any more. */
  readonly path: string;
  /** A commit whose tree is its `.git` folder by content; null: all its commits are at its remote or in this repository. */
  readonly gitDir: string | null;
  /** The commit that it had checked out; null: none. */
  readonly head: string | null;
  /** That commit is one of this repository (a worktree within a worktree). */
  readonly own: boolean;
}

/** A folder with a `.git` of its own. */
export interface Inside {
  readonly path: string;
  /** `tracked`: its files are those of the worktree as well (`git init` in a folder of the project). */
  readonly kind: 'submodule' | 'untracked' | 'tracked';
  /** git takes it for a repository. */
  readonly valid: boolean;
  /** The commit that the worktree's index records for a submodule. */
  readonly recorded: string | null;
}

/** All folders of a listing that hold a `.git`. */
export async function findEmbedded(git: Git, folder: string, listed: readonly Listed[]): Promise<Inside[]> {
  const candidates = new Map<string, Pick<Inside, 'kind' | 'recorded'>>();
  for (const { path, mode, tag, object } of listed) {
    if (mode === '160000') candidates.set(path, { kind: 'submodule', recorded: object });
    else if (tag === '?' && path.endsWith('/')) candidates.set(path.slice(0, -1), { kind: 'untracked', recorded: null });
    for (let end = path.lastIndexOf('/', path.length - 2); end > 0; end = path.lastIndexOf('/', end - 1)) {
      if (candidates.has(path.slice(0, end))) break;
      candidates.set(path.slice(0, end), { kind: 'tracked', recorded: null });
    }
  }
  const found = await Promise.all(
    [...candidates].map(async ([path, facts]): Promise<Inside[]> => {
      const dotGit = await lstat(bytePath(folder, `${path}/.git`)).catch(absent(null));
      if (dotGit === null) return [];
      return [{ path, ...facts, valid: (await callInside(git, folder, path)) !== null }];
    }),
  );
  return found.flat();
}

interface InsideCall extends GitCall {
  readonly cwd: string;
  /** Where its commits and refs are, real path. */
  readonly gitDir: string;
  readonly commonDir: string;
}

/** How git is run in the repository at `path`; null: git does not take it for one. Never finds the repository around it instead. */
async function callInside(git: Git, folder: string, path: string): Promise<InsideCall | null> {
  const cwd = path === '' ? folder : `${folder}/${utf8(path)}`;
  const dotGit = `${cwd}/.git`;
  const link = await readFile(dotGit, 'utf8').catch(() => null);
  const target = link === null ? dotGit : /^gitdir: (.*)$/m.exec(link)?.[1];
  if (target === undefined) return null;
  const env = { GIT_DIR: resolve(cwd, target), GIT_WORK_TREE: cwd };
  const call = { cwd, env, codes: [0, 128] };
  try {
    const { code, stdout } = await git(['rev-parse', '--path-format=absolute', '--git-dir', '--git-common-dir'], call);
    const [gitDir, commonDir] = utf8(stdout).split('\n');
    if (code !== 0 || gitDir === undefined || commonDir === undefined) return null;
    return { cwd, env, gitDir: await realpath(gitDir), commonDir: await realpath(commonDir) };
  } catch (error) {
    // A name that is not UTF-8 cannot be a working folder here: its files are taken as plain ones.
    if (error instanceof PortError && error.sort === 'terminal') return null;
    throw error;
  }
}

export interface Keeping extends KeepPlaces {
  readonly source: Source;
  readonly index: string;
}

interface Kept {
  readonly embedded: readonly Embedded[];
  readonly incomplete: string | null;
}

/** Takes the files of a repository inside into the own index, and its commits into git where they would be lost with it. */
export async function keepEmbedded(git: Git, keeping: Keeping, inside: Inside): Promise<Kept> {
  const { source, index } = keeping;
  const tree = source.tree ?? '';
  const call = await callInside(git, tree, inside.path);
  if (call === null) return keepBroken(git, keeping, inside.path);
  const head = await headOf(git, call);
  const unpushed = await hasUnpushed(git, call);
  if (inside.kind === 'submodule' && head === inside.recorded && !unpushed && (await isClean(git, call)))
    return { embedded: [], incomplete: null };

  const { stdout } = await git(['ls-files', '-z', '-s', '-v', '-c', '-o', '--exclude-standard'], call);
  const listed = parseListing(stdout);
  const files = listed.filter(({ mode, path }) => mode !== '160000' && !path.endsWith('/')).map(({ path }) => below(inside.path, path));
  let incomplete = await addPaths(git, callFor(source, index), [...new Set(files)]);
  const own = call.commonDir === (await realpath(keeping.commonDir));
  const gitDir = !own && unpushed && (await goesWithTree(call.gitDir, source)) ? await keepGitDir(git, keeping, call.gitDir) : null;
  const embedded: Embedded[] = [{ path: inside.path, gitDir, head, own }];
  for (const nested of await findEmbedded(git, call.cwd, listed)) {
    const kept = await keepEmbedded(git, keeping, { ...nested, path: below(inside.path, nested.path) });
    incomplete ??= kept.incomplete;
    embedded.push(...kept.embedded);
  }
  return { embedded, incomplete };
}

const below = (folder: string, path: string): string => (folder === '' ? path : `${folder}/${path}`);

/** A `.git` that git cannot read: its files count as the worktree's own, it itself is kept byte for byte. */
async function keepBroken(git: Git, keeping: Keeping, path: string): Promise<Kept> {
  const dotGit = `${keeping.source.tree ?? ''}/${below(utf8(path), '.git')}`;
  const found = await lstat(dotGit).catch(absent(null));
  if (found?.isDirectory() !== true) return { embedded: [], incomplete: null };
  const gitDir = await keepGitDir(git, keeping, dotGit);
  return { embedded: gitDir === null ? [] : [{ path, gitDir, head: null, own: false }], incomplete: null };
}

async function headOf(git: Git, call: GitCall): Promise<string | null> {
  const { code, stdout } = await git(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], { ...call, codes: [0, 1, 128] });
  return code === 0 ? stdout.trim() : null;
}

/** Commits, stashes and reflog entries that none of its remotes is known to have. What cannot be told counts as yes. */
async function hasUnpushed(git: Git, call: GitCall): Promise<boolean> {
  const args = ['rev-list', '--max-count=1', '--all', '--reflog', '--not', '--remotes'];
  const { code, stdout } = await git(args, { ...call, codes: [0, 128, 129] });
  return code !== 0 || stdout !== '';
}

const isClean = async (git: Git, call: GitCall): Promise<boolean> => (await git(['status', '--porcelain', '-z'], call)).stdout === '';

/** Is it inside of what is removed with the worktree: the folder, or git's private folder of it (where submodules live)? */
async function goesWithTree(gitDir: string, source: Source): Promise<boolean> {
  const homes = await Promise.all(
    [source.tree, source.record === null ? null : source.gitDir].map((path) => (path === null ? null : realpath(path))),
  );
  return homes.some((home) => home !== null && gitDir.startsWith(home + sep));
}
