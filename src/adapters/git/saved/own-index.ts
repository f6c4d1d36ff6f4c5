import { lstatSync } from 'node:fs';
import { lstat, mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { PortError } from '../../../engine/ports/error.ts';
import { anyName } from '../../../files/write-whole.ts';
import type { Git, GitCall } from '../call/git.ts';
import { sortGitFailure } from '../call/sort-failure.ts';
import { together } from '../call/together.ts';
import { utf8 } from '../repository/repository.ts';
import { callFor, realIndex, type Source } from '../repository/source.ts';
import { absent, readPlain } from '../view/files.ts';
import { readIndexFile } from './index-file.ts';

/** An entry of an index, or an untracked path. Names are bytes as latin1. */
export interface Listed {
  /** `H` tracked, `S` skip-worktree, `M` unmerged, `?` untracked; lower case: assume-unchanged. */
  readonly tag: string;
  /** `160000` is another repository's commit; empty for untracked ones. */
  readonly mode: string;
  readonly object: string;
  /** An untracked path that ends in a slash is a repository. */
  readonly path: string;
}

/** What git knows by an index. */
export interface Listing {
  /** What is untracked, and of what is tracked at least all that is not an ordinary file. */
  readonly listed: readonly Listed[];
  /** Folders of tracked files that are not in `listed`. */
  readonly folders: readonly string[];
}

/** Does `work` with an index file of our own that starts as the source's, and what git lists by it; removes it afterwards. */
export async function withOwnIndex<T>(
  git: Git,
  source: Source,
  scratch: string,
  work: (index: string, listing: Listing) => Promise<T>,
): Promise<T> {
  await mkdir(scratch, { recursive: true });
  const index = join(scratch, anyName());
  try {
    return await work(index, await fill(git, source, index));
  } finally {
    await together([rm(index, { force: true }), rm(`${index}.lock`, { force: true })]);
  }
}

async function fill(git: Git, source: Source, index: string): Promise<Listing> {
  const real = realIndex(source);
  const found = real === null ? null : await stat(real).catch(absent(null));
  if (real !== null && found?.isFile() === true) {
    const bytes = await readPlain(real);
    // Whatever somebody put in its way is not written into.
    await writeFile(index, bytes, { flag: 'wx' });
    const facts = readIndexFile(bytes);
    // git trusts an entry's stat only if it is older than the index file: as old as the real one, the copy is trusted no further.
    const second = Math.floor(found.mtimeMs / 1000);
    await utimes(index, second, second);
    try {
      return await listAll(git, source, index, facts?.isPlain === true ? facts.folders : null);
    } catch (error) {
      // An index that git cannot read (half a disk block after a power cut): start from the commit instead.
      if (!(error instanceof PortError) || error.sort === 'retryable') throw error;
      await rm(index, { force: true });
    }
  }
  const call = callFor(source, index);
  const { code } = await git(['rev-parse', '--verify', '--quiet', `${source.head}^{commit}`], { ...call, codes: [0, 1, 128] });
  await git(['read-tree', ...(code === 0 ? [source.head] : ['--empty'])], call);
  return listAll(git, source, index, null);
}

/** All that is tracked in the index (but for plain files, where only their folders matter), and what is untracked and not ignored. */
async function listAll(git: Git, source: Source, index: string, plain: readonly string[] | null): Promise<Listing> {
  const others = source.tree === null ? [] : ['-o', '--exclude-standard'];
  if (plain !== null && source.tree === null) return { listed: [], folders: plain };
  const tracked = plain === null ? ['-s', '-v', '-c'] : ['-t'];
  const { stdout } = await git(['ls-files', '-z', ...tracked, ...others], callFor(source, index));
  return { listed: await readListing(stdout), folders: plain ?? [] };
}

/** More files than any repository has. */
const MOST_LISTED = 2_000_000;
/** Read before others get their turn. */
const AT_A_TIME = 20_000;

/** Terminal where it names more than can be looked at. */
export async function readListing(stdout: string): Promise<Listed[]> {
  const listed: Listed[] = [];
  for (const one of entriesOf(stdout)) {
    if (listed.push(one) % AT_A_TIME === 0) await setImmediate();
    if (listed.length > MOST_LISTED)
      throw new PortError('terminal', `git lists more than ${MOST_LISTED.toLocaleString('en-US')} files`, {
        hint: 'Look into the worktree for what makes so many files, then retry.',
      });
  }
  return listed;
}

export function* entriesOf(stdout: string): Generator<Listed> {
  for (let from = 0, end = 0; from < stdout.length; from = end + 1) {
    end = stdout.indexOf('\0', from);
    if (end < 0) end = stdout.length;
    if (end === from) continue;
    const line = stdout.slice(from, end);
    const tag = line.slice(0, 1);
    const tab = line.indexOf('\t');
    if (tag === '?') yield { tag, mode: '', object: '', path: line.slice(2) };
    else yield { tag, mode: line.slice(2, 8), object: line.slice(9, line.indexOf(' ', 9)), path: line.slice(tab + 1) };
  }
}

/**
 * Takes away the marks by which git overlooks changes: assume-unchanged always, skip-worktree where the file is there all the
 * same (where it is not, a sparse checkout left it out, and that is no deletion).
 */
export async function seeEverything(git: Git, source: Source, index: string, listed: readonly Listed[]): Promise<void> {
  const call = callFor(source, index);
  const assumed = listed.filter(({ tag }) => tag !== '?' && tag === tag.toLowerCase());
  if (assumed.length > 0) await git(['update-index', '--no-assume-unchanged', '-z', '--stdin'], { ...call, input: zeroEnded(assumed) });
  const skipped = listed.filter(({ tag }) => tag.toUpperCase() === 'S');
  const there = await together(skipped.map(({ path }) => lstat(bytePath(source.tree ?? '', path)).then(() => true, absent(false))));
  const present = skipped.filter((_, n) => there[n] === true);
  if (present.length > 0) await git(['update-index', '--no-skip-worktree', '-z', '--stdin'], { ...call, input: zeroEnded(present) });
}

const zeroEnded = (listed: readonly Listed[]): string => listed.map(({ path }) => `${path}\0`).join('');

/** A path for node's file functions from a folder (text) and a name in it (bytes as latin1). */
export function bytePath(folder: string, name: string): Buffer {
  return Buffer.concat([Buffer.from(`${folder}/`, 'utf8'), Buffer.from(name, 'latin1')]);
}

/** Of one file. What is longer belongs into no repository; a file that is all holes is of any length at once, and each look would read all of it. */
const MOST_OF_A_FILE = 2 * 1024 ** 3;
/** Looks in between which others get their turn. */
const AT_ONCE = 256;

/** Files that a snapshot leaves out for their length, and how that is said; null: there are none. */
export interface TooLarge {
  readonly paths: ReadonlySet<string>;
  readonly words: string;
}

export async function tooLargeAmong(folder: string, paths: readonly string[]): Promise<TooLarge | null> {
  const found: { readonly path: string; readonly size: number }[] = [];
  for (const [n, path] of paths.entries()) {
    const seen = lstatSync(bytePath(folder, path), { throwIfNoEntry: false });
    if (seen?.isFile() === true && seen.size > MOST_OF_A_FILE) found.push({ path, size: seen.size });
    if (n % AT_ONCE === AT_ONCE - 1) await setImmediate();
  }
  const [first] = found;
  if (first === undefined) return null;
  const gigabytes = (size: number): string => `${Math.round(size / 1024 ** 3)} GiB`;
  const words = `${utf8(first.path)}: a file of ${gigabytes(first.size)}, and of one file a snapshot takes ${gigabytes(MOST_OF_A_FILE)} at most`;
  return { paths: new Set(found.map(({ path }) => path)), words };
}

/**
 * Adds these paths (bytes as latin1, from the worktree's top) to the own index, ignored or not, also below another repository.
 * One that cannot be read, or is too large, is left out and named in the answer.
 */
export async function addPaths(git: Git, call: GitCall & { readonly cwd: string }, paths: readonly string[]): Promise<string | null> {
  const large = await tooLargeAmong(call.cwd, paths);
  if (large === null) return addEach(git, call, paths);
  return (
    (await addEach(
      git,
      call,
      paths.filter((path) => !large.paths.has(path)),
    )) ?? large.words
  );
}

async function addEach(git: Git, call: GitCall & { readonly cwd: string }, paths: readonly string[]): Promise<string | null> {
  if (paths.length === 0) return null;
  const command = ['update-index', '--add', '--replace', '--remove', '-z', '--stdin'];
  const { code, stderr } = await git(command, { ...call, input: paths.map((path) => `${path}\0`).join(''), codes: [0, 128] });
  if (code === 0) return null;
  if (/clean filter|external filter/.test(stderr)) throw sortGitFailure(command, { code, stderr, stdout: '' });
  const [only] = paths;
  if (only !== undefined && paths.length === 1) {
    // One that vanished between being listed and read is no loss; one that stays and cannot be read is.
    return (await isThere(call.cwd, only)) ? stderr.trim() : null;
  }
  // git took none of them in, and its message need not name the bad one in a way that can be read back: halve.
  const half = Math.ceil(paths.length / 2);
  const first = await addEach(git, call, paths.slice(0, half));
  return (await addEach(git, call, paths.slice(half))) ?? first;
}

/**
 * What git could not look into, as it says on the way to an end that it calls good: a folder that nobody may read, a path longer than the
 * system takes. Null: it saw everything.
 */
export function unseen(stderr: string): string | null {
  const [, said] = /^warning: could not open directory '(.*)$/m.exec(stderr) ?? [];
  if (said === undefined) return null;
  // git cuts what it says: of a path that is too long there is no end.
  const end = said.lastIndexOf("': ");
  const [path, why] = end === -1 ? [said, 'its path is too long'] : [said.slice(0, end), said.slice(end + 3)];
  return `${path.length > 80 ? `${path.slice(0, 40)}…${path.slice(-20)}` : path}: ${why}`;
}

const isThere = (folder: string, path: string): Promise<boolean> => lstat(bytePath(folder, path)).then(() => true, absent(false));
