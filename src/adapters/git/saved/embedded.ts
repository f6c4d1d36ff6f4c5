import { lstat, readdir, realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { PortError } from '../../../engine/ports/error.ts';
import type { Git, GitCall } from '../call/git.ts';
import { together } from '../call/together.ts';
import { bytes, utf8 } from '../repository/repository.ts';
import { callFor, type Source } from '../repository/source.ts';
import { absent, readPlainText } from '../view/files.ts';
import { commonDirOf } from '../view/view.ts';
import { type KeepPlaces, keepGitDir } from './git-dir.ts';
import { addPaths, bytePath, type Listed, readListing, unseen } from './own-index.ts';

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
  /** The commit that the worktree's index records for a submodule. */
  readonly recorded: string | null;
}

/** All folders of a listing, and of these, that hold a `.git`. */
export async function findEmbedded(folder: string, listed: readonly Listed[], folders: readonly string[] = []): Promise<Inside[]> {
  const candidates = new Map<string, Pick<Inside, 'kind' | 'recorded'>>();
  for (const { path, mode, tag, object } of listed) {
    if (mode === '160000') candidates.set(path, { kind: 'submodule', recorded: object });
    else if (tag === '?' && path.endsWith('/')) candidates.set(path.slice(0, -1), { kind: 'untracked', recorded: null });
    for (let end = path.lastIndexOf('/', path.length - 2); end > 0; end = path.lastIndexOf('/', end - 1)) {
      if (candidates.has(path.slice(0, end))) break;
      candidates.set(path.slice(0, end), { kind: 'tracked', recorded: null });
    }
  }
  for (const path of folders) if (!candidates.has(path)) candidates.set(path, { kind: 'tracked', recorded: null });
  const found = await together(
    [...candidates].map(async ([path, facts]): Promise<Inside[]> => {
      const dotGit = await lstat(bytePath(folder, `${path}/.git`)).catch(absent(null));
      return dotGit === null ? [] : [{ path, ...facts }];
    }),
  );
  return found.flat();
}

interface InsideCall extends GitCall {
  readonly cwd: string;
  /** Where its commits and refs are, real path. */
  readonly gitDir: string;
  readonly commonDir: string;
  /** The commit that it has checked out; null: none. */
  readonly head: string | null;
}

/** How git is run in the repository at `path`; null: git does not take it for one. Never finds the repository around it instead. */
async function callInside(git: Git, folder: string, path: string): Promise<InsideCall | null> {
  const cwd = path === '' ? folder : `${folder}/${utf8(path)}`;
  const dotGit = `${cwd}/.git`;
  const link = await readPlainText(dotGit).catch(() => null);
  const target = link === null ? dotGit : /^gitdir: (.*)$/m.exec(link)?.[1];
  if (target === undefined) return null;
  const env = { GIT_DIR: resolve(cwd, target), GIT_WORK_TREE: cwd };
  try {
    const { stdout } = await git(['rev-parse', '--quiet', '--git-dir', 'HEAD^{commit}'], { cwd, env, codes: [0, 128] });
    // Without a commit the words are given back as they are.
    const [known = '', head = ''] = stdout.split('\n');
    if (known === '') return null;
    const [gitDir, commonDir] = await together([env.GIT_DIR, await commonDirOf(env.GIT_DIR)].map((path) => realpath(path)));
    if (gitDir === undefined || commonDir === undefined) return null;
    return { cwd, env, gitDir, commonDir, head: /^[0-9a-f]{40,64}$/.test(head) ? head : null };
  } catch (error) {
    // A name that is not UTF-8 cannot be a working folder here; settings that are not to be read make it a broken one.
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
  if (call === null) return keepBroken(git, keeping, inside);
  const { head } = call;
  const unpushed = await hasUnpushed(git, call);
  if (inside.kind === 'submodule' && head === inside.recorded && !unpushed && (await isClean(git, call)))
    return { embedded: [], incomplete: null };

  const { stdout, stderr } = await git(['ls-files', '-z', '-s', '-v', '-c', '-o', '--exclude-standard'], call);
  const listed = await readListing(stdout);
  const files = listed.filter(({ mode, path }) => mode !== '160000' && !path.endsWith('/')).map(({ path }) => below(inside.path, path));
  let incomplete = (await addPaths(git, callFor(source, index), [...new Set(files)])) ?? unseen(stderr);
  const own = call.commonDir === (await realpath(keeping.commonDir));
  const gitDir = !own && unpushed && (await goesWithTree(call.gitDir, source)) ? await keepGitDir(git, keeping, call.gitDir) : null;
  const embedded: Embedded[] = [{ path: inside.path, gitDir, head, own }];
  for (const nested of await findEmbedded(call.cwd, listed)) {
    const kept = await keepEmbedded(git, keeping, { ...nested, path: below(inside.path, nested.path) });
    incomplete ??= kept.incomplete;
    embedded.push(...kept.embedded);
  }
  return { embedded, incomplete };
}

const below = (folder: string, path: string): string => (folder === '' ? path : `${folder}/${path}`);

/**
 * A `.git` that git cannot read: it is kept byte for byte. Its files are the worktree's own, or, where git thinks of them as
 * another repository's, all taken one by one, for nothing tells which of them are ignored.
 */
async function keepBroken(git: Git, keeping: Keeping, inside: Inside): Promise<Kept> {
  const tree = keeping.source.tree ?? '';
  const files = inside.kind === 'tracked' ? [] : await filesBelow(tree, inside.path);
  const incomplete = await addPaths(git, callFor(keeping.source, keeping.index), files);
  const name = utf8(inside.path);
  if (bytes(name) !== inside.path) {
    return { embedded: [], incomplete: incomplete ?? `the repository in "${name}": git cannot be run in a folder whose name is not UTF-8` };
  }
  const dotGit = `${tree}/${below(name, '.git')}`;
  const found = await lstat(dotGit).catch(absent(null));
  const gitDir = found?.isDirectory() === true ? await keepGitDir(git, keeping, dotGit) : null;
  return { embedded: gitDir === null ? [] : [{ path: inside.path, gitDir, head: null, own: false }], incomplete };
}

/** Files and links in a folder, but for `.git`; names are bytes as latin1. */
async function filesBelow(tree: string, folder: string): Promise<string[]> {
  const entries = await readdir(bytePath(tree, folder), { withFileTypes: true, encoding: 'latin1' });
  const found = entries
    .filter(({ name }) => name !== '.git')
    .map((entry) => {
      const path = below(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(tree, path);
      return entry.isFile() || entry.isSymbolicLink() ? [path] : [];
    });
  return (await together(found)).flat();
}

/** Commits, stashes and reflog entries that none of its remotes is known to have. What cannot be told counts as yes. */
async function hasUnpushed(git: Git, call: GitCall): Promise<boolean> {
  const args = ['rev-list', '--max-count=1', '--all', '--reflog', '--not', '--remotes'];
  const { code, stdout } = await git(args, { ...call, codes: [0, 128, 129] });
  return code !== 0 || stdout !== '';
}

/** Nothing in it is changed or new, nor in what is inside of it. git itself would look there by the settings of that repository. */
async function isClean(git: Git, call: InsideCall): Promise<boolean> {
  if ((await git(['status', '--porcelain', '-z', '--ignore-submodules=dirty'], call)).stdout !== '') return false;
  const { stdout } = await git(['ls-files', '-z', '-s', '-v', '-c'], call);
  const submodules = (await readListing(stdout)).filter(({ mode }) => mode === '160000');
  for (const { path } of await findEmbedded(call.cwd, submodules)) {
    const nested = await callInside(git, call.cwd, path);
    if (nested === null || (await hasUnpushed(git, nested)) || !(await isClean(git, nested))) return false;
  }
  return true;
}

/** Is it inside of what is removed with the worktree: the folder, or git's private folder of it (where submodules live)? */
async function goesWithTree(gitDir: string, source: Source): Promise<boolean> {
  const homes = await together(
    [source.tree, source.record === null ? null : source.gitDir].map((path) => (path === null ? null : realpath(path))),
  );
  return homes.some((home) => home !== null && gitDir.startsWith(home + sep));
}
