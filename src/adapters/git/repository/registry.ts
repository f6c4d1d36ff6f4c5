import { statSync } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { absent, readPlainText } from '../view/files.ts';
import type { Repository } from './repository.ts';

/** One of git's records of a worktree. */
export interface Registered {
  /** Its private folder, `<common>/worktrees/<id>`; for the main checkout the common folder itself. */
  readonly adminDir: string;
  /** Where the worktree is, or was. Null: the record is half written. */
  readonly path: string | null;
  /** `refs/heads/…`; null when detached or unreadable. */
  readonly branch: string | null;
  /** The commit of a detached HEAD. */
  readonly detached: string | null;
  /** The reason for a lock, null without one. git itself writes `initializing` while it makes a worktree. */
  readonly locked: string | null;
}

/** Where a worktree is, without the rest of its record. */
export type Placed = Pick<Registered, 'adminDir' | 'path'>;

/** What a worktree has checked out, without the rest of its record. */
type Headed = Pick<Registered, 'adminDir' | 'branch'>;

/** What was read of a record, and the stamp of its files then. */
interface Kept<T> {
  readonly stamp: string;
  readonly found: T;
}

/** One way to read all records. What is kept of each repository is found by the repository itself. */
interface Reading<T> {
  /** Of a record, that what is read of it is in. */
  readonly files: readonly string[];
  readonly read: (adminDir: string) => Promise<T>;
  /** Each task of weeks may have a worktree, and every step on one looks at all records: those that stand as they stood are not read again. */
  readonly kept: WeakMap<Repository, ReadonlyMap<string, Kept<T>>>;
  /** Readings that have not begun yet. */
  readonly asked: WeakMap<Repository, Promise<readonly T[]>>;
}

const WHOLE: Reading<Registered> = {
  files: ['gitdir', 'HEAD', 'locked'],
  read: readRecord,
  kept: new WeakMap(),
  asked: new WeakMap(),
};
const PLACES: Reading<Placed> = {
  files: ['gitdir'],
  read: async (adminDir) => ({ adminDir, path: await placeOf(adminDir) }),
  kept: new WeakMap(),
  asked: new WeakMap(),
};
const HEADS: Reading<Headed> = {
  files: ['HEAD'],
  read: async (adminDir) => ({ adminDir, branch: parseHead((await readPlainText(join(adminDir, 'HEAD')).catch(unreadable)) ?? '').branch }),
  kept: new WeakMap(),
  asked: new WeakMap(),
};

/** All worktrees but the main checkout, read from git's own files without a process. Whoever asks before the reading begins has the same one. */
export const readRegistry = (repository: Repository): Promise<readonly Registered[]> => readTogether(WHOLE, repository);

/** Where they are alone, which is a third of the work: most steps on a worktree only look for others below it. */
export const readPlaces = (repository: Repository): Promise<readonly Placed[]> => readTogether(PLACES, repository);

/** The record whose worktree has a branch checked out, the main checkout apart; null: none. */
export async function recordWith(repository: Repository, branch: string): Promise<Placed | null> {
  const found = (await readTogether(HEADS, repository)).find((one) => one.branch === branch);
  return found === undefined ? null : { adminDir: found.adminDir, path: await placeOf(found.adminDir) };
}

/** The record of the worktree at `path`, without a look at all that the others say; links in the folders above it are looked through. */
export async function recordFor(repository: Repository, path: string): Promise<Registered | null> {
  const placed = await findPlaced(await readPlaces(repository), path);
  const record = placed === null ? null : await readRecord(placed.adminDir);
  // It went away in this moment.
  return record?.path == null ? null : record;
}

function readTogether<T>(way: Reading<T>, repository: Repository): Promise<readonly T[]> {
  const reading =
    way.asked.get(repository) ??
    nextTurn().then(() => {
      way.asked.delete(repository);
      return readAll(way, repository);
    });
  way.asked.set(repository, reading);
  return reading;
}

/** Where a hundred workers end at once, their steps ask in the same turn. */
const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

async function readAll<T>({ files, read, kept }: Reading<T>, repository: Repository): Promise<readonly T[]> {
  const folder = join(repository.commonDir, 'worktrees');
  const names = await readdir(folder).catch(absent<string[]>([]));
  const before = kept.get(repository);
  const now = new Map<string, Kept<T>>();
  const young = Date.now() - STEP;
  for (const [n, name] of names.entries()) {
    // A worker can make any number of them.
    if (n % AT_ONCE === AT_ONCE - 1) await nextTurn();
    const adminDir = `${folder}/${name}`;
    const stamp = stampOf(adminDir, files, young);
    const last = before?.get(name);
    const stands = last !== undefined && stamp !== '' && last.stamp === stamp;
    now.set(name, stands ? last : { stamp, found: await read(adminDir) });
  }
  kept.set(repository, now);
  return [...now.values()].map(({ found }) => found);
}

/** Looked at before others get their turn. */
const AT_ONCE = 256;
/** The kernel counts time in steps: what changed so shortly ago may change once more and look the same. */
const STEP = 100;

/** Changes with the files of a record, whoever sets their times: nobody can set when a file was changed last. Empty: it may still be at work. */
function stampOf(adminDir: string, files: readonly string[], young: number): string {
  let stamp = '';
  for (const name of files) {
    try {
      const stat = statSync(`${adminDir}/${name}`, { throwIfNoEntry: false });
      if (stat !== undefined && stat.ctimeMs > young) return '';
      stamp += stat === undefined ? '- ' : `${stat.ino} ${stat.ctimeMs} ${stat.size} `;
    } catch {
      // A loop of links, a folder that may not be read: whoever reads the record says so.
      return '';
    }
  }
  return stamp;
}

/** The record that the `.git` file of a worktree names, if it is one of this repository; null: it is not there. */
export async function readRecordAt(repository: Repository, adminDir: string): Promise<Registered | null> {
  if (dirname(adminDir) !== join(repository.commonDir, 'worktrees')) return null;
  const record = await readRecord(adminDir);
  return record.path === null ? null : record;
}

async function readRecord(adminDir: string): Promise<Registered> {
  const [gitdir, head, locked] = await Promise.all(WHOLE.files.map((name) => readPlainText(join(adminDir, name)).catch(unreadable)));
  return {
    adminDir,
    path: placeIn(adminDir, gitdir ?? null),
    ...parseHead(head ?? ''),
    locked: locked?.trim() ?? null,
  };
}

const placeOf = async (adminDir: string): Promise<string | null> =>
  placeIn(adminDir, await readPlainText(join(adminDir, 'gitdir')).catch(unreadable));

/** Null: it says nothing. */
function placeIn(adminDir: string, gitdir: string | null): string | null {
  const pointer = gitdir?.trim() ?? '';
  return pointer === '' ? null : dirname(resolve(adminDir, pointer));
}

/** A worker may have put something else in the place of a file: that is its own record's trouble, and nobody else's. */
function unreadable(error: unknown): null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (['ELOOP', 'ENOTPLAIN', 'EISDIR', 'ENXIO'].includes(code)) return null;
  return absent(null)(error);
}

/** What the checkout of this private (or the common) folder has checked out. */
export async function readHead(gitDir: string): Promise<Pick<Registered, 'branch' | 'detached'>> {
  return parseHead(await readPlainText(join(gitDir, 'HEAD')).catch(absent('')));
}

function parseHead(text: string): Pick<Registered, 'branch' | 'detached'> {
  const line = text.trim();
  if (line.startsWith('ref: ')) return { branch: line.slice(5).trim(), detached: null };
  return { branch: null, detached: line === '' ? null : line };
}

/** The one of the worktree at `path`, whose folder need not exist; links in the folders above it are looked through. */
export async function findPlaced<T extends Placed>(registry: readonly T[], path: string): Promise<T | null> {
  const direct = registry.find((record) => record.path === path);
  if (direct !== undefined) return direct;
  const parent = await realpath(dirname(path)).catch(absent(dirname(path)));
  const real = join(parent, basename(path));
  return registry.find((record) => record.path === real) ?? null;
}
