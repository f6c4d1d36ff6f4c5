import { createHash, randomUUID } from 'node:crypto';
import { type BigIntStats, lstatSync } from 'node:fs';
import { copyFile, link, lstat, mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { PortError } from '../../../engine/ports/error.ts';
import { removeFolder } from '../../../files/remove-folder.ts';
import type { Git } from '../call/git.ts';
import { together } from '../call/together.ts';
import { callFor, realIndex, type Source } from '../repository/source.ts';
import { absent, readPlain } from '../view/files.ts';
import { readIndexFile } from './index-file.ts';
import { addPaths, bytePath } from './own-index.ts';

/** The source's index as it was, in a file of our own that git need not doubt, for as long as the source's stays the same. */
interface Kept {
  /** Of the source's index. */
  readonly of: string;
  /** Null: not a plain one; it is looked at in the long way. */
  readonly file: string | null;
  /** Of the file: whoever changes it has it written anew. */
  readonly mine: string;
  readonly folders: string;
  readonly tree: string;
  /** Of so many files git doubts whether they are as the index says: it reads each of them, each time. */
  doubted: boolean;
  last: Last | null;
  /** A look found nothing that the commit does not have. */
  clean: { readonly commit: string; readonly at: number } | null;
}

/** What the look before this one came to. */
interface Last {
  /** All that differed from the index, each with its stat, and the settings that have a say in contents; its hash. */
  readonly seen: string;
  readonly tree: string;
  /** Whatever differed had been left alone for a while when it was read. */
  readonly isSettled: boolean;
}

export interface KeptSnapshot {
  readonly tree: string;
  readonly staged: string;
  /** Nothing was read: the objects were written by a look before this one. */
  readonly isOld: boolean;
}

export interface KeptIndexes {
  /**
   * A snapshot of a worktree without repositories inside, conflicts or marks by which git overlooks things; null: it has to be taken in the long way.
   * `head`: the tree of the commit that it comes after.
   */
  take(git: Git, source: Source, saveGlobs: readonly string[], head: string | null): Promise<KeptSnapshot | null>;
  /** The last look found what this commit has, and nothing else: neither staged nor in the folder. */
  noteClean(source: Source, commit: string): void;
  /** Whether it was so a moment ago, and the index is the same since. Asked of a worktree in which nobody is at work any more. */
  wasClean(source: Source, commit: string): Promise<boolean>;
  /** Answers whether there was one. */
  forget(source: Source): Promise<boolean>;
  /** Files of a daemon that was killed. Only a process that is alone may ask for that. */
  clear(): Promise<void>;
}

type Tree = Source & { readonly tree: string };

/** A file that changed later than this before it was read may change without a trace: in the same instant, or through a mapping of it into memory. */
const SETTLED_MS = 60_000;
/** What a save found is good for the look at what a run left, which follows it. */
const MOMENT_MS = 10_000;
/** So few files git may read again each time. */
const FEW = 64;
/** An index is a few hundred bytes a file. */
const MAX_INDEX = 512 * 1024 * 1024;
/** Whatever the repository's settings say: they are in reach of the agent. */
const EXACT = [
  ['core.trustCtime', 'true'],
  ['core.checkStat', 'default'],
] as const;

/**
 * Index files that are kept between snapshots, in `folder`, one for each worktree; a process uses those alone that it wrote itself.
 * A snapshot is what the source's own index and the paths that differ from it come to: nothing of one before goes into it, except where all of that is the same.
 */
export function createKeptIndexes(folder: string, commonDir: string, settledMs = SETTLED_MS): KeptIndexes {
  const all = new Map<string, Kept>();

  async function keptOf(git: Git, source: Tree, real: string, head: string | null): Promise<Kept | null> {
    const of = await printOf(real);
    if (of === null) return null;
    const before = all.get(source.gitDir);
    if (before?.of === of && (before.file === null || (await printOf(before.file)) === before.mine)) return undoubted(git, source, before);
    await forget(source);
    const kept = await build(git, source, real, of, head);
    if (kept !== null) all.set(source.gitDir, kept);
    return kept;
  }

  async function build(git: Git, source: Tree, real: string, of: string, head: string | null): Promise<Kept | null> {
    const { mtimeMs, size } = await stat(real);
    if (size > MAX_INDEX) return null;
    const bytes = await readPlain(real);
    if ((await printOf(real)) !== of) return null;
    const facts = readIndexFile(bytes);
    const none = { of, file: null, mine: '', folders: '', tree: '', doubted: false, last: null, clean: null };
    if (facts?.isPlain !== true) return none;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // Another file system may have another clock, and a time of its own says nothing here.
    if ((await stat(folder)).dev !== (await stat(source.tree)).dev) return none;
    const file = join(folder, randomUUID());
    try {
      await writeFile(file, bytes, { mode: 0o600, flag: 'wx' });
      const second = Math.floor(mtimeMs / 1000);
      await utimes(file, second, second);
      // What the index says of itself is what git would answer; that the commit's own tree is there need not be asked.
      const isHead = facts.tree !== null && facts.tree.id === head && facts.tree.files === facts.files;
      const tree = isHead && head !== null ? head : (await git(['write-tree'], callFor(source, file))).stdout.trim();
      const doubted = facts.newest >= second && facts.files > FEW;
      return { ...none, file, mine: (await printOf(file)) ?? '', folders: facts.folders.join('\0'), tree, doubted };
    } catch (error) {
      await removeFolder(file);
      throw error;
    }
  }

  /** Asked a second time, git reads the files that it doubts once more, and notes those that differ: most worktrees are saved but once. */
  async function undoubted(git: Git, source: Tree, kept: Kept): Promise<Kept> {
    if (kept.doubted && kept.file !== null) {
      await git(['update-index', '--force-write-index'], { ...callFor(source, kept.file), config: EXACT });
      Object.assign(kept, { doubted: false, mine: (await printOf(kept.file)) ?? '' });
    }
    return kept;
  }

  async function forget(source: Source): Promise<boolean> {
    const file = all.get(source.gitDir)?.file;
    all.delete(source.gitDir);
    if (file != null) await together([removeFolder(file), removeFolder(`${file}.lock`)]);
    return file != null;
  }

  async function take(git: Git, source: Tree, real: string, globs: readonly string[], head: string | null) {
    const kept = await keptOf(git, source, real, head);
    if (kept === null || kept.file === null) return null;
    const began = Date.now();
    const paths = await differing(git, source, kept.file, globs);
    if (paths === null || (await hasRepository(source.tree, foldersOf(kept.folders, paths)))) return null;
    if (paths.length === 0) return { tree: kept.tree, staged: kept.tree, isOld: true };
    const { seen, newest } = await look(source, commonDir, paths);
    const { last } = kept;
    if (last?.isSettled === true && last.seen === seen) return { tree: last.tree, staged: kept.tree, isOld: true };
    const tree = await treeWith(git, source, kept, paths);
    if (tree === null) return null;
    kept.last = { seen, tree, isSettled: newest + settledMs < began };
    return { tree, staged: kept.tree, isOld: false };
  }

  /** The kept index stays as it is: git writes another one beside it. */
  async function treeWith(git: Git, source: Source, kept: Kept, paths: readonly string[]): Promise<string | null> {
    const from = kept.file ?? '';
    const index = join(folder, randomUUID());
    try {
      await link(from, index).catch(() => copyOf(from, index));
      const call = { ...callFor(source, index), config: EXACT };
      if ((await addPaths(git, call, paths)) !== null) return null;
      return (await git(['write-tree'], call)).stdout.trim();
    } finally {
      await together([removeFolder(index), removeFolder(`${index}.lock`)]);
      // A further name is a change of the file, too.
      const mine = await printOf(from);
      if (mine !== null && all.get(source.gitDir) === kept) all.set(source.gitDir, Object.assign(kept, { mine }));
    }
  }

  return {
    async take(git, source, saveGlobs, head) {
      const { tree } = source;
      const real = realIndex(source);
      Object.assign(all.get(source.gitDir) ?? {}, { clean: null });
      if (tree === null || real === null) return null;
      try {
        return await take(git, { ...source, tree }, real, saveGlobs, head);
      } catch (error) {
        await forget(source);
        // Whatever is the matter, the long way says it better, or gets by. One that took too long would do so again.
        if (error instanceof PortError && error.sort === 'retryable') throw error;
        return null;
      }
    },
    noteClean(source, commit) {
      Object.assign(all.get(source.gitDir) ?? {}, { clean: { commit, at: performance.now() } });
    },
    async wasClean(source, commit) {
      const [kept, real] = [all.get(source.gitDir), realIndex(source)];
      if (kept?.clean?.commit !== commit || real === null || performance.now() - kept.clean.at > MOMENT_MS) return false;
      return (await printOf(real)) === kept.of;
    },
    forget,
    async clear() {
      all.clear();
      const names = await readdir(folder).catch(absent<string[]>([]));
      await together(names.map((name) => removeFolder(join(folder, name))));
    },
  };
}

/** Nobody can write a file and leave all of this as it was. */
async function printOf(path: string): Promise<string | null> {
  const found = await lstat(path, { bigint: true }).catch(absent(null));
  if (found === null) return null;
  // Joined, it is one string in memory: put together piece by piece it would be a tree of eleven for as long as the worktree is there.
  return [found.dev, found.ino, found.mode, found.size, found.mtimeNs, found.ctimeNs].join(' ');
}

async function copyOf(from: string, to: string): Promise<void> {
  const { mtimeMs } = await stat(from);
  await copyFile(from, to);
  // Younger than it was, git would believe more of it.
  const second = Math.floor(mtimeMs / 1000);
  await utimes(to, second, second);
}

/** All paths that are not as the index has them, and those that the patterns name; null: a repository is among them, or git had something to say. */
async function differing(git: Git, source: Source, file: string, globs: readonly string[]): Promise<string[] | null> {
  const call = { ...callFor(source, file), config: EXACT };
  const asked = [['-o', '-m', '-d', '--exclude-standard']];
  if (globs.length > 0) asked.push(['--others', '--ignored', ...globs.map((glob) => `--exclude=${glob}`)]);
  const paths = new Set<string>();
  for (const args of asked) {
    const { stdout, stderr } = await git(['ls-files', '-z', ...args], call);
    if (stderr !== '') return null;
    for (const path of stdout.split('\0')) if (path !== '') paths.add(path);
  }
  return [...paths].some((path) => path.endsWith('/')) ? null : [...paths];
}

/** All folders above files that the snapshot would hold. */
function foldersOf(known: string, paths: readonly string[]): Set<string> {
  const folders = new Set(known === '' ? [] : known.split('\0'));
  for (const path of paths) for (const above of foldersAbove(path)) folders.add(above);
  return folders;
}

function* foldersAbove(path: string): Generator<string> {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) yield path.slice(0, end);
}

/** Looks in between which others get their turn: one costs microseconds, through a promise it would cost fifty. */
const AT_ONCE = 256;

async function hasRepository(tree: string, folders: ReadonlySet<string>): Promise<boolean> {
  let count = 0;
  for (const folder of folders) {
    if (lookAt(bytePath(tree, `${folder}/.git`)) !== null) return true;
    count += 1;
    if (count % AT_ONCE === 0) await setImmediate();
  }
  return false;
}

function lookAt(path: string | Buffer): BigIntStats | null {
  try {
    return lstatSync(path, { bigint: true });
  } catch (error) {
    return absent(null)(error);
  }
}

/** The stat of each path and of what has a say in how git reads it, and the latest change of any. */
async function look(
  source: Source & { readonly tree: string },
  commonDir: string,
  paths: readonly string[],
): Promise<{ seen: string; newest: number }> {
  const attributes = new Set([
    '.gitattributes',
    ...paths.flatMap((path) => [...foldersAbove(path)].map((above) => `${above}/.gitattributes`)),
  ]);
  const settings = [join(commonDir, 'config'), join(commonDir, 'info/attributes'), join(source.gitDir, 'config.worktree')];
  const seen: string[] = [];
  let newest = 0;
  const note = (name: string, found: BigIntStats | null): void => {
    if (found === null) return void seen.push(name, '-');
    const { ino, mode, size, mtimeNs, ctimeNs } = found;
    seen.push(name, `${ino} ${mode} ${size} ${mtimeNs} ${ctimeNs}`);
    newest = Math.max(newest, Number(ctimeNs / 1_000_000n), Number(mtimeNs / 1_000_000n));
  };
  for (const path of settings) note(path, lookAt(path));
  let count = 0;
  for (const path of [...attributes, ...paths]) {
    note(path, lookAt(bytePath(source.tree, path)));
    count += 1;
    if (count % AT_ONCE === 0) await setImmediate();
  }
  return { seen: createHash('sha256').update(seen.join('\0'), 'latin1').digest('base64'), newest };
}
