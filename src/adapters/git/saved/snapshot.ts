import { PortError } from '../../../engine/ports/error.ts';
import type { Git, GitCall } from '../call/git.ts';
import { callFor, type Source } from '../repository/source.ts';
import { type Embedded, findEmbedded, type Inside, keepEmbedded } from './embedded.ts';
import type { KeptIndexes } from './kept-index.ts';
import { addPaths, type Listed, seeEverything, tooLargeAmong, unseen, withOwnIndex } from './own-index.ts';

export interface SnapshotOptions {
  /** A private folder for index files. */
  readonly scratch: string;
  /** gitignore-style patterns of ignored files to take along. */
  readonly saveGlobs: readonly string[];
  /** Repositories inside of the worktree: their files and commits too, or left out. */
  readonly embedded: 'content' | 'leave out';
  readonly commonDir: string;
  readonly timeoutMs: number;
  /** Null: everything is looked at anew. */
  readonly kept: KeptIndexes | null;
  /** The tree of the commit that the source comes after; null: none is known. */
  readonly head: string | null;
}

export interface Snapshot {
  readonly tree: string;
  readonly embedded: readonly Embedded[];
  /** What could not be read, in git's words; null: the snapshot is whole. */
  readonly incomplete: string | null;
  /** The real index as a tree, when what is staged is neither in HEAD nor in the folder. */
  readonly staged: string | null;
  /** Nothing differs from an earlier look, whose objects these are: git may have dropped them if nothing names them. */
  readonly isOld: boolean;
}

/**
 * Writes all that is in a worktree into git as a tree: tracked, untracked and not ignored, `saveGlobs`, repositories inside.
 * By plumbing with an index file of our own: the worktree's index, branch, HEAD and files stay as they are, and their locks
 * do not matter. The folder may be written to meanwhile.
 */
export async function takeSnapshot(git: Git, source: Source, options: SnapshotOptions): Promise<Snapshot> {
  const slow: Git = (args, call) => git(args, { timeoutMs: options.timeoutMs, ...call });
  try {
    const quick = (await options.kept?.take(slow, source, options.saveGlobs, options.head)) ?? null;
    return quick === null ? await take(slow, source, options) : { ...quick, embedded: [], incomplete: null };
  } catch (error) {
    // A filter of the repository (git-lfs, say) whose program is missing must not keep the work from being saved: take the bytes as they are.
    if (!(error instanceof PortError) || !/clean filter|external filter/.test(error.message)) throw error;
    const off = await filtersOff(slow, source);
    return take((args, call) => slow(args, { ...call, config: [...off, ...(call?.config ?? [])] }), source, options);
  }
}

function take(git: Git, source: Source, options: SnapshotOptions): Promise<Snapshot> {
  return withOwnIndex(git, source, options.scratch, async (index, { listed, folders }) => {
    const call = callFor(source, index);
    if (source.tree === null) return { tree: await writeTree(git, call), embedded: [], incomplete: null, staged: null, isOld: false };
    const staged = await stagedTree(git, call, listed);
    await seeEverything(git, source, index, listed);
    const inside = await findEmbedded(source.tree, listed, folders);
    const content = options.embedded === 'content';
    // A submodule's new commit belongs into a plain commit; a snapshot holds its files instead.
    const apart = inside.filter(({ kind }) => kind === 'untracked' || (kind === 'submodule' && content));
    const { stdout: changed } = await git(['ls-files', '-z', '-o', '-m', '--exclude-standard'], { ...call, codes: [0, 1, 128] });
    const large = await tooLargeAmong(
      source.tree,
      changed.split('\0').filter((path) => path !== '' && !path.endsWith('/')),
    );
    let incomplete = await addAll(git, call, [...apart.map(({ path }) => path), ...(large?.paths ?? [])]);
    incomplete ??= large?.words ?? null;
    const extra = await globbed(git, call, options.saveGlobs);
    incomplete ??= await addPaths(
      git,
      call,
      extra.filter((path) => !path.endsWith('/')),
    );
    const embedded: Embedded[] = [];
    const itself: Inside[] = source.record === null ? [{ path: '', kind: 'tracked', recorded: null }] : [];
    for (const one of content ? [...itself, ...inside, ...extra.flatMap(asRepository)] : []) {
      const kept = await keepEmbedded(git, { source, index, scratch: options.scratch, commonDir: options.commonDir }, one);
      incomplete ??= kept.incomplete;
      embedded.push(...kept.embedded);
    }
    return { tree: await writeTree(git, call), embedded, incomplete, staged, isOld: false };
  });
}

/** The patterns named a repository in an ignored place. */
const asRepository = (path: string): Inside[] =>
  path.endsWith('/') ? [{ path: path.slice(0, -1), kind: 'untracked', recorded: null }] : [];

const writeTree = async (git: Git, call: GitCall): Promise<string> => (await git(['write-tree'], call)).stdout.trim();

/** Null for an index with conflicts: their sides are commits' blobs. */
async function stagedTree(git: Git, call: GitCall, listed: readonly Listed[]): Promise<string | null> {
  if (listed.some(({ tag }) => tag.toUpperCase() === 'M')) return null;
  const { code, stdout } = await git(['write-tree'], { ...call, codes: [0, 128] });
  return code === 0 ? stdout.trim() : null;
}

const TRIES = 3;

/**
 * `git add -A` but for the repositories inside. git gives all up when a file vanishes while it looks: it is done again, and then
 * path by path. Answers what could not be read.
 */
async function addAll(git: Git, call: GitCall & { readonly cwd: string }, without: readonly string[]): Promise<string | null> {
  const pathspec = ['.', ...without.map((path) => `:(exclude,top,literal)${path}`)].map((path) => `${path}\0`).join('');
  // --sparse: else files outside of a sparse checkout's patterns are passed over.
  const args = ['add', '-A', '--sparse', '--ignore-errors', '--pathspec-from-file=-', '--pathspec-file-nul'];
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const { code, stderr } = await git(args, { ...call, input: pathspec, codes: [0, 1, 128] });
    if (code === 0) return unseen(stderr);
    if (/clean filter|external filter/.test(stderr)) throw new PortError('terminal', `git add: ${stderr.trim()}`);
  }
  const { stdout, stderr } = await git(['ls-files', '-z', '-o', '-m', '-d', '--exclude-standard'], call);
  const apart = (path: string): boolean => path.endsWith('/') || without.some((one) => path === one || path.startsWith(`${one}/`));
  const paths = [...new Set(stdout.split('\0'))].filter((path) => path !== '' && !apart(path));
  return (await addPaths(git, call, paths)) ?? unseen(stderr);
}

export async function filtersOff(git: Git, source: Source): Promise<readonly (readonly [string, string])[]> {
  const call = { cwd: source.gitDir, env: { GIT_DIR: source.gitDir }, codes: [0, 1] };
  const { stdout } = await git(['config', '-z', '--name-only', '--get-regexp', '^filter\\.'], call);
  const keys = stdout.split('\0').map((key) => key.slice(0, key.lastIndexOf('.')));
  return [...new Set(keys.filter((key) => key !== ''))].flatMap((name): [string, string][] => [
    [`${name}.clean`, ''],
    [`${name}.process`, ''],
    [`${name}.required`, 'false'],
  ]);
}

/** Ignored files that the patterns name; a repository as a path with a slash at its end. */
async function globbed(git: Git, call: GitCall, globs: readonly string[]): Promise<string[]> {
  if (globs.length === 0) return [];
  const { stdout } = await git(['ls-files', '-z', '--others', '--ignored', ...globs.map((glob) => `--exclude=${glob}`)], call);
  return stdout.split('\0').filter((path) => path !== '');
}
