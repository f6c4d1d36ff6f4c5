import { closeSync, constants, lstatSync, mkdirSync, mkdtempSync, openSync, readlinkSync, renameSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Ms } from '../../../core/model/seen.ts';
import { PortError } from '../../../engine/ports/error.ts';
import { readPlainSync } from '../../../files/open-plain.ts';
import { writeWholeSync } from '../../../files/write-whole.ts';
import { isBusy, sortSqliteError } from '../sqlite/sqlite-error.ts';
import { lockOwner } from './lock-owner.ts';

/*
 * One daemon per repository. The lock is the exclusive transaction of a small SQLite database, that is a POSIX record
 * lock: the kernel gives it back when its process dies, however it dies, and children do not inherit it.
 * Such a lock is also lost when its own process closes any other descriptor of the file: nothing in tac8 may open
 * lock.db but SQLite (which knows of this and keeps the descriptor).
 *
 * Somebody may delete or rename `.tac8/` under a running daemon. A second daemon would then make a new lock file and
 * get it. So each lock is taken in two places, the second in git's own folder, where nobody cleans up; and `check`
 * tells the holder when a folder is not the one any more in which it locked a file. A file alone that is gone, or is another (a worker without a
 * sandbox can do that), is locked anew: a second daemon needs all places.
 */

export interface LockHolder {
  readonly pid: number | null;
  readonly since: Ms | null;
  readonly host: string | null;
}

export interface Lock {
  /** Null while the lock holds, lost files being locked anew; else what is wrong, in a sentence. Costs two stats per place. */
  check(): string | null;
  /** What is gone was moved, not deleted, as far as this machine can tell: somebody may bring it back. */
  mayComeBack(): boolean;
  /** The clock was set by so much: what the note says of since when it is held goes along. */
  clockSet(by: Ms): void;
  release(): void;
}

/** Another process holds the lock. */
export class LockHeldError extends PortError {
  readonly holder: LockHolder;
  constructor(holder: LockHolder) {
    super('terminal', `another tac8 daemon runs on this repository: ${describeHolder(holder)}`, {
      hint: '`tac8 status` shows what it does, `tac8 stop` ends it.',
    });
    this.name = 'LockHeldError';
    this.holder = holder;
  }
}

/** How long a start waits for a process that only looks whether the lock is free (`lockHolder`), or that is just dying. */
const PATIENCE: Ms = 400;

export function describeHolder({ pid, since, host }: LockHolder): string {
  const parts = [pid === null ? 'a process whose id is unknown' : `process ${pid}`];
  if (host !== null) parts.push(`on ${host}`);
  if (since !== null) parts.push(`since ${new Date(since).toISOString()}`);
  return parts.join(' ');
}

/**
 * Takes the lock for as long as this process lives, or throws LockHeldError. `files`: absolute paths of the lock
 * databases, all of which must be had; beside each, a note `.json` of the same name says who holds it, for people.
 */
export function takeLock(files: readonly [string, ...string[]], now: Ms): Lock {
  const held: Held[] = [];
  const release = (): void => {
    for (const one of held.splice(0)) letGo(one);
  };
  let note = { pid: process.pid, since: now, host: hostname() };
  try {
    for (const path of files) {
      held.push(hold(path, PATIENCE));
    }
    for (const path of files) writeNote(noteOf(path), note);
  } catch (error) {
    release();
    throw error;
  }
  return {
    check: () => {
      const moved = held.find(({ path, folder }) => inodeOf(dirname(path)) !== folder);
      if (moved !== undefined) return lossOf(moved.path);
      let safe = held.filter(isIntact).length;
      for (const [at, one] of held.entries()) {
        if (isIntact(one)) continue;
        const anew = holdAnew(one.path, safe > 0 ? 0 : PATIENCE);
        if (anew === null) continue;
        letGo(one);
        held[at] = anew;
        safe += 1;
        tryNote(one.path, note);
      }
      return safe > 0 ? null : lossOf(held[0]?.path ?? '');
    },
    mayComeBack: () => held.every(({ kept }) => !isDeleted(kept)),
    clockSet: (by) => {
      note = { ...note, since: note.since + by };
      // Only notes that are ours, as below.
      for (const { path } of held) if (readNote(noteOf(path))?.pid === process.pid) tryNote(path, note);
    },
    release: () => {
      if (held.length === 0) return;
      // Only notes that are ours: where a folder was replaced, the note in it is of the daemon that runs there now.
      for (const { path } of held) if (readNote(noteOf(path))?.pid === process.pid) rmSync(noteOf(path), { force: true });
      release();
    },
  };
}

/** Who holds the lock, or null when nobody does. From any process, at any time; disturbs nobody. */
export function lockHolder(files: readonly [string, ...string[]]): LockHolder | null {
  for (const path of files) {
    if (statSync(path, { throwIfNoEntry: false }) === undefined) continue;
    const db = openDatabase(path, { readOnly: true, timeout: 0 });
    try {
      db.prepare('SELECT count(*) FROM sqlite_schema').get();
    } catch (error) {
      if (isBusy(error)) return holderOf(path);
      throw sortSqliteError(error, path);
    } finally {
      db.close();
    }
  }
  return null;
}

interface Held {
  readonly path: string;
  readonly db: DatabaseSync;
  readonly inode: bigint;
  readonly folder: bigint | undefined;
  /** That folder, open: it is known wherever it goes. */
  readonly kept: number;
}

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NONBLOCK;

function letGo({ db, kept }: Held): void {
  db.close();
  closeSync(kept);
}

/** Its place is told with a word behind it. */
function isDeleted(folder: number): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${folder}`).endsWith(' (deleted)');
  } catch {
    return false;
  }
}

const inodeOf = (path: string): bigint | undefined => statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;

const isIntact = ({ path, inode }: Held): boolean => lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino === inode;

const lossOf = (path: string): string =>
  inodeOf(path) === undefined ? `${path} is gone: a second daemon could start here` : `${path} was replaced: a second daemon may run here`;

function hold(path: string, patience: Ms): Held {
  const db = lockFile(path, patience);
  return { path, db, inode: statSync(path, { bigint: true }).ino, folder: inodeOf(dirname(path)), kept: openSync(dirname(path), FOLDER) };
}

/** Into a new folder beside it: nothing can stand in the way there. */
const moveAside = (path: string): void => renameSync(path, join(mkdtempSync(`${path}.aside-`), basename(path)));

/** Null: somebody else has it, or what lies there cannot be moved out of the way. */
function holdAnew(path: string, patience: Ms): Held | null {
  try {
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false) moveAside(path);
    return hold(path, patience);
  } catch (error) {
    if (error instanceof LockHeldError) return null;
  }
  try {
    moveAside(path);
    return hold(path, patience);
  } catch {
    return null;
  }
}

function lockFile(path: string, patience: Ms): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const db = openDatabase(path, { timeout: patience });
  try {
    db.exec('BEGIN EXCLUSIVE');
    return db;
  } catch (error) {
    db.close();
    if (isBusy(error)) throw new LockHeldError(holderOf(path));
    throw sortSqliteError(error, path);
  }
}

/** Not being let in is told with the path, and with what to do. */
function openDatabase(path: string, options: { readonly timeout: number; readonly readOnly?: true }): DatabaseSync {
  try {
    return new DatabaseSync(path, options);
  } catch (error) {
    throw sortSqliteError(error, path);
  }
}

const noteOf = (path: string): string => `${path.replace(/\.db$/, '')}.json`;

/** The kernel's word goes before the note's: the note may be of an earlier daemon that was killed. */
function holderOf(path: string): LockHolder {
  const pid = lockOwner(path);
  const note = readNote(noteOf(path));
  if (note !== null && (pid === null || pid === note.pid)) return note;
  return { pid, since: null, host: pid === null ? null : hostname() };
}

/** A place that cannot be written keeps the old one: it is for people, and the lock holds without it. */
function tryNote(path: string, note: LockHolder): void {
  try {
    writeNote(noteOf(path), note);
  } catch {
    // As said.
  }
}

function writeNote(path: string, note: LockHolder): void {
  writeWholeSync(path, `${JSON.stringify(note)}\n`, { mode: 0o666 });
}

function readNote(path: string): LockHolder | null {
  try {
    const { pid, since, host } = JSON.parse(readPlainSync(path, 4096)) as Partial<LockHolder>;
    return {
      pid: typeof pid === 'number' ? pid : null,
      since: typeof since === 'number' ? since : null,
      host: typeof host === 'string' ? host : null,
    };
  } catch {
    // The note is missing, or of another make: the lock itself is what counts.
    return null;
  }
}
