import { chmodSync, closeSync, constants, existsSync, lstatSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Log } from '../../../engine/ports/records/log.ts';
import { writeWhole } from '../../../files/write-whole.ts';
import { kindOf, moveAside, readPlain } from '../view/files.ts';
import { hasReftable } from '../view/reftable.ts';
import { commonDirOf, privateFolderOf } from '../view/view.ts';
import { mendBorrowed } from './borrowed.ts';
import { type Hands, leadsTo } from './hands.ts';
import { mendTree } from './in-tree.ts';
import { includesIn, mendIncludes } from './includes.ts';
import { mendLocks } from './locks.ts';
import { type IndexPack, mendNamed, mendPacks } from './objects.ts';
import { FOLDERS, isRefText, mergePacked, PARTS, type Part } from './parts.ts';
import { branchesFromLogs, mendWithin, startOf } from './within.ts';

/*
 * Every worker without a sandbox writes into git's folder, which all tasks share, and so do power cuts. A file there that no git can read costs
 * every task and every command of a person. It is moved aside, never deleted, and what stood there last is put back.
 */

export interface Sound {
  /** At the known places, before each piece of work; costs two dozen looks at files. Answers whether anything was put right. */
  look(): Promise<boolean>;
  /** The same everywhere, after something failed. `said`: with these words of git. */
  mend(said?: string): Promise<boolean>;
  /** The same in a worktree, where git opens files of a worker's. */
  mendTree(tree: string): Promise<boolean>;
  /** So much was put right so far. */
  mended(): number;
}

interface SoundOptions {
  /** Git's folder. */
  readonly folder: string;
  /** Where copies of what was good are. */
  readonly kept: string;
  readonly aside: string;
  /** Folders in which our branches are, outermost first. */
  readonly branches: readonly string[];
  readonly log: Log;
  readonly index: IndexPack;
  readonly refuses: Refuses;
}

/** Why git itself cannot work with the settings as they stand, null: it can. `isOdd`: they say of the form of the repository what they did not before. */
export type Refuses = (isOdd: boolean) => Promise<string | null>;

const BRANCHES = 'refs/heads';
const MAX_REF = 4096;

const MOST_TOLD = 100;
/** Of the name of what is moved aside, which is a path. */
const MOST_NAME = 150;

/** What fails again and again in the same words, though nothing is broken, has the whole folder walked for at most a twentieth of the time. */
const REST = 20;

/** Whoever waits for the other end of a named pipe has it for a moment, and goes on. */
function letGo(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isFIFO() === true) closeSync(openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
}

/** Of the repository whose checkout is at `root`; null: there is none yet. */
export async function soundAt(
  root: string,
  { state, aside }: { readonly state: string; readonly aside: string },
  branchPrefix: string,
  tools: Pick<SoundOptions, 'log' | 'index' | 'refuses'>,
): Promise<Sound | null> {
  const gitDir = await privateFolderOf(root);
  if ((await kindOf(gitDir)) !== 'folder') return null;
  const parts = branchPrefix.split('/').slice(0, -1);
  const branches = parts.map((_, n) => `${BRANCHES}/${parts.slice(0, n + 1).join('/')}`);
  return keepSound({ folder: await commonDirOf(gitDir), kept: join(state, 'git', 'sound'), aside, branches, ...tools });
}

function keepSound({ folder, kept, aside, branches, log, index, refuses }: SoundOptions): Sound {
  /** The stamps of files as they were found good. */
  const good = new Map<string, string>();
  let mended = 0;
  let restsUntil = 0;
  let restsFor = '';
  let turn: Promise<unknown> = Promise.resolve();

  /** By the settings as they were found good. */
  let included: readonly string[] = [];

  const told = new Set<string>();
  /** What held git in folders that objects were borrowed from. */
  const holding = new Set<string>();
  const hands: Hands = {
    async attempt(work) {
      try {
        await work();
      } catch (error) {
        const words = `something of ${folder} could not be put right: ${String(error)}`;
        if (!told.has(words) && told.size < MOST_TOLD) log.warn(words);
        told.add(words);
      }
    },
    async takeAway(path, what) {
      const from = resolve(folder, path);
      const name = `git-${path.replaceAll('/', '-').slice(-MOST_NAME)}-${new Date().toISOString().replaceAll(':', '-')}`;
      const to = await moveAside(from, aside, name).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'EXDEV') return moveAside(from, join(folder, 'tac8-aside'), name);
        throw error;
      });
      letGo(to);
      mended += 1;
      log.warn(`no git can work with ${from}: it is ${what}; moved aside`, { to });
    },
    letGo,
    unlock(path, found) {
      const wanted = found.isDirectory() ? 0o700 : 0o400;
      if ((found.mode & wanted) === wanted) return;
      chmodSync(path, (found.mode & 0o7777) | 0o600 | wanted);
      mended += 1;
      log.warn(`its owner may read ${path} again`);
    },
    made(path) {
      mended += 1;
      log.warn(`${join(folder, path)} was made anew`);
    },
    async write(path, bytes) {
      await writeWhole(join(folder, path), Buffer.from(bytes, 'latin1'), { mode: 0o644 });
      mended += 1;
      log.warn(`${join(folder, path)} is as it was last`);
    },
  };

  const copyOf = (path: string): string => join(kept, path.replaceAll('/', '-'));

  const copied = async ({ path, most }: Pick<Part, 'path' | 'most'>): Promise<string> =>
    (await readPlain(copyOf(path), most).catch(() => Buffer.alloc(0))).toString('latin1');

  const lookAtFolder = async (path: string, isNeeded: boolean): Promise<void> => {
    const at = join(folder, path);
    const found = leadsTo(at);
    if (found?.isDirectory() === true) return hands.unlock(at, found);
    const isThere = lstatSync(at, { throwIfNoEntry: false }) !== undefined;
    // Somebody's branch, though ours cannot be beside it.
    if (found?.isFile() === true && path.startsWith(`${BRANCHES}/`) && found.size < MAX_REF && isRefText((await readPlain(at)).toString()))
      return;
    if (isThere) await hands.takeAway(path, 'no folder');
    if (!isThere && !isNeeded) return;
    await mkdir(at, { recursive: true });
    mended += 1;
    if (path === 'refs' || path.startsWith(BRANCHES)) await branchesFromLogs(folder, hands, path === 'refs' ? BRANCHES : path);
  };

  const lookAtFile = async (part: Part): Promise<void> => {
    const { path, most, isGood } = part;
    const at = join(folder, path);
    const entry = lstatSync(at, { throwIfNoEntry: false });
    if (entry === undefined) return part.kept === 'gone' ? putBack(part, await lastOf(part)) : undefined;
    const found = leadsTo(at);
    if (found?.isFile() !== true) return exchange(part, found?.isDirectory() === true ? 'a folder' : 'no plain file', await lastOf(part));
    const stamp = `${found.dev} ${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}`;
    if (good.get(path) === stamp) return;
    hands.unlock(at, found);
    if (found.size > most) return exchange(part, `larger than ${most} bytes`, await lastOf(part));
    if (part.begins !== undefined && !(await startOf(at)).startsWith(part.begins)) return exchange(part, 'broken', null);
    if (isGood !== undefined) {
      const text = (await readPlain(at, most)).toString('latin1');
      if (!isGood(text)) {
        const last = await lastOf(part, text);
        // Its owner alone knows what it should say.
        if (last !== null) await exchange(part, 'broken', last);
        return;
      }
      const last = part.kept === undefined ? text : await copied(part);
      // A look that is to leave no trace, as before a first start, keeps nothing; the next one does.
      if (last !== text && !existsSync(dirname(dirname(kept)))) return;
      const isOdd = part.isOdd?.(text, last) === true;
      if (path === 'config') {
        included = includesIn(text, folder);
        await mendIncludes(included, hands);
        // The git of workers is this one, and reads the settings themselves.
        const why = last === '' || last === text ? null : await refuses(isOdd).catch(() => null);
        if (why !== null) return exchange(part, why, last);
      }
      if (last !== text && !isOdd) {
        await mkdir(kept, { recursive: true, mode: 0o700 });
        await writeWhole(copyOf(path), Buffer.from(text, 'latin1'));
      }
    }
    good.set(path, stamp);
  };

  /** What is to stand there instead, of the copy and of what is `left`; null: nobody knows. */
  const lastOf = async ({ path, most, kept: when, goodOf, isGood }: Part, left = ''): Promise<string | null> => {
    if (when === undefined) return null;
    const copy = await copied({ path, most });
    const lines = goodOf?.(left) ?? '';
    const text = path === 'packed-refs' ? mergePacked(lines, copy) : lines || copy;
    // Of lines, none is known then; of settings, nobody knows.
    if (text === '') return goodOf === undefined ? null : '';
    return isGood?.(text) === true ? text : null;
  };

  const exchange = async (part: Part, what: string, text: string | null): Promise<void> => {
    await hands.takeAway(part.path, what);
    await putBack(part, text);
  };

  const putBack = async ({ path }: Part, text: string | null): Promise<void> => {
    if (text !== null && text !== '') await hands.write(path, text);
  };

  const lookAround = async (): Promise<void> => {
    if (hasReftable(folder)) return;
    for (const [path, isNeeded] of FOLDERS) await hands.attempt(() => lookAtFolder(path, isNeeded));
    for (const path of branches) await hands.attempt(() => lookAtFolder(path, false));
    // Git would look for all refs where it leads.
    if (lstatSync(join(folder, 'commondir'), { throwIfNoEntry: false }) !== undefined)
      await hands.attempt(() => hands.takeAway('commondir', 'a file that belongs to worktrees alone'));
    for (const part of PARTS) await hands.attempt(() => lookAtFile(part));
    await mendIncludes(included, hands);
  };

  /** One after the other: two would move the same thing. What cannot be put right is told by the git that meets it. */
  const inTurn = (work: () => Promise<void>): Promise<boolean> => {
    const mine = turn.then(async () => {
      const before = mended;
      await hands.attempt(work);
      return mended > before;
    });
    turn = mine;
    return mine;
  };

  return {
    mended: () => mended,
    look: () => inTurn(lookAround),
    mendTree: (tree) => inTurn(() => mendTree(tree, hands)),
    mend: (said = '') =>
      inTurn(async () => {
        const [from, before] = [performance.now(), mended];
        // Names of tasks and objects are not what it failed of.
        const words = said.replace(/[0-9a-f]{7,}|\d+/g, '');
        const rests = from < restsUntil && words === restsFor;
        if (!rests) good.clear();
        await lookAround();
        await mendBorrowed(folder, hands, holding);
        await mendNamed(folder, hands, said);
        await mendLocks(folder, hands, said);
        if (rests) return;
        await mendPacks(folder, hands, index);
        if (hasReftable(folder)) return;
        await mendWithin(folder, hands);
        restsUntil = mended > before ? 0 : performance.now() + REST * (performance.now() - from);
        restsFor = words;
      }),
  };
}

/** So long git may take before somebody looks whether it waits for what will never come. */
const PATIENCE = 5_000;

/** Git that waits for a named pipe would do so until its time limit, and everybody with it: its folder and the `tree` are looked at meanwhile. */
export async function whileMending<T>(sound: () => Promise<Sound | null>, work: () => Promise<T>, tree?: string): Promise<T> {
  let mending: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    mending = mending.then(async () => {
      const at = await sound();
      if (tree !== undefined) await at?.mendTree(tree);
      await at?.mend();
    });
  }, PATIENCE);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await mending;
  }
}
