import {
  type BigIntStats,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, lstat, open, readlink, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../../../core/words/message-of.ts';
import { PortError } from '../../../engine/ports/error.ts';
import { decode, encode } from './bytes.ts';

/** The file at one moment. */
export interface Snapshot {
  readonly text: string;
  readonly stat: BigIntStats;
}

export const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

/** Where the bytes are: the end of a chain of symbolic links, also one that points to a file yet to be made. */
export async function targetOf(path: string): Promise<string> {
  try {
    return realpathSync.native(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw fault(error, path, 'read');
  }
  try {
    if ((await lstat(path)).isSymbolicLink()) return resolve(dirname(path), await readlink(path));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw fault(error, path, 'read');
  }
  return path;
}

/** Opening a named pipe does not wait for somebody at its other end. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK;

/** What `work` makes of the file, which is closed in any case. A file that is made gets the mode 0644. */
export async function withFile<T>(path: string, flags: string | number, work: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(path, flags, 0o644);
  try {
    return await work(handle);
  } finally {
    await handle.close();
  }
}

/** The whole file as one consistent text; null: there is none. */
export async function readNow(path: string): Promise<Snapshot | null> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const { before, bytes, after } = readOnce(path);
      const steady = after.size === BigInt(bytes.length) && after.mtimeNs === before.mtimeNs && after.size === before.size;
      if (steady || attempt >= 20) return { text: decode(bytes), stat: after };
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw error instanceof PortError ? error : fault(error, path, 'read');
    }
    await pause(2);
  }
}

/** Read again and again, and the same most of the time: it costs no memory anew, and no other thread. Good until the next file is read. */
function readOnce(path: string): { readonly before: BigIntStats; readonly bytes: Buffer; readonly after: BigIntStats } {
  const fd = openSync(path, READ);
  try {
    const before = fstatSync(fd, { bigint: true });
    refuseOther(path, before);
    let into = roomFor(Number(before.size) + 1, 0);
    let length = 0;
    for (let got = -1; got !== 0; length += got) {
      if (length === into.length) into = roomFor(length * 2, length);
      got = readSync(fd, into, length, into.length - length, null);
    }
    return { before, bytes: into.subarray(0, length), after: fstatSync(fd, { bigint: true }) };
  } finally {
    closeSync(fd);
  }
}

/** More than this is not kept for the next file. */
const ROOM_KEPT = 16 * 1024 * 1024;
let room = Buffer.alloc(0);

/** So many bytes at least, with the first `filled` of the last ones in them. */
function roomFor(size: number, filled: number): Buffer {
  const found = filled === 0 && room.length >= size ? room : Buffer.concat([room.subarray(0, filled)], Math.ceil(size / 65_536) * 65_536);
  room = found.length > ROOM_KEPT ? Buffer.alloc(0) : found;
  return found;
}

/** What the file is at this moment, its bytes apart; null: there is none. */
export async function statNow(path: string): Promise<BigIntStats | null> {
  try {
    const now = statSync(path, { bigint: true });
    refuseOther(path, now);
    return now;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error instanceof PortError ? error : fault(error, path, 'read');
  }
}

function refuseOther(path: string, stat: BigIntStats): void {
  if (!stat.isFile()) throw new PortError('terminal', `${path} is not a file`, { hint: 'Move it away; tac8 makes a new one.' });
}

/**
 * As `readNow`, but waits until nobody has written for `settleMs`: an editor that truncates and writes on, or that appends in
 * pieces, is not read half-way. Gives up waiting after 20 rounds; what is torn then is caught by the hold on removals.
 */
export async function readSettled(path: string, settleMs: number): Promise<Snapshot | null> {
  let seen = await readNow(path);
  for (let round = 0; seen !== null && round < 20; round += 1) {
    const age = Date.now() - Number(seen.stat.mtimeMs);
    if (age >= settleMs) return seen;
    await pause(age < 0 ? settleMs : settleMs - age + 1);
    const again = await readNow(path);
    // The clock of a network file system may run ahead of ours: two equal looks are enough.
    if (again !== null && again.stat.ino === seen.stat.ino && again.stat.mtimeNs === seen.stat.mtimeNs) return again;
    seen = again;
  }
  return seen;
}

/** Where what stood at the end is gone, the file is most likely in the midst of a save: an editor that empties it and writes it in pieces. */
export function looksCut(text: string, known: string | null): boolean {
  const end = known?.trimEnd() ?? '';
  const last = end.slice(end.lastIndexOf('\n') + 1);
  // From the end, where it stands in nearly every text.
  return last !== '' && text.lastIndexOf(last) === -1;
}

/** So many times as long it is waited for the rest of such a save: on a busy machine the editor may have to wait, too. */
const FOR_THE_REST = 15;
/** So long where a program has the file open to write in it: it is in the midst of its save. */
const FOR_A_WRITER_MS = 5_000;
/** So long where it looks whole: a save over the old text has both for a moment, and what stands between them is in neither. */
const FOR_A_WHOLE_ONE_MS = 2_000;

/** How a text is waited for. */
export interface Patience {
  readonly settleMs: number;
  /** Whether a program has the file open to write in it. */
  readonly isBeingWritten: (path: string) => Promise<boolean>;
}

/** As `readSettled`, and a while longer where a program is at work in a text that is not the known one, or it looks cut beside that. */
export async function readWhole(path: string, { settleMs, isBeingWritten }: Patience, known: string | null): Promise<Snapshot | null> {
  let seen = await readSettled(path, settleMs);
  const since = performance.now();
  for (let round = 0; seen !== null && seen.text !== known; round += 1) {
    const isCut = looksCut(seen.text, known);
    if (!isCut || round >= FOR_THE_REST) {
      if (performance.now() - since > (isCut ? FOR_A_WRITER_MS : FOR_A_WHOLE_ONE_MS)) break;
      if (!(await isBeingWritten(path))) {
        // Between the look and the answer it may have been written to its end.
        const now = await readNow(path);
        if (now === null || now.text === seen.text) return now;
        seen = now;
        continue;
      }
    }
    await pause(settleMs);
    seen = await readNow(path);
  }
  return seen;
}

let count = 0;
export const tempPrefix = (target: string): string => `.${basename(target)}.tac8-`;

/** Writes the text beside the target, durable, with the mode and owner of `like`. Answers its path; on failure nothing is left. */
export async function writeBeside(target: string, text: string, like: BigIntStats | null): Promise<string> {
  count += 1;
  const path = join(dirname(target), `${tempPrefix(target)}${process.pid}-${count}`);
  try {
    await withFile(path, 'wx', async (handle) => {
      // Into the kernel's memory it is a moment; to the disk it may be long, and nobody waits for that.
      writeFileSync(handle.fd, encode(text));
      if (like !== null) {
        fchmodSync(handle.fd, Number(like.mode & 0o7777n));
        if (Number(like.uid) !== process.getuid?.() || Number(like.gid) !== process.getgid?.())
          fchownSync(handle.fd, Number(like.uid), Number(like.gid));
      }
      await handle.sync();
    });
    return path;
  } catch (error) {
    await discard(path);
    throw fault(error, target, 'write');
  }
}

/** Removes a file that may be gone already. */
export async function discard(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw fault(error, path, 'remove');
  }
}

const HINTS: Readonly<Record<string, string>> = {
  EACCES: 'Give the user that runs tac8 the right to do it.',
  EPERM: 'Give the user that runs tac8 the right to do it.',
  EROFS: 'The file system is read-only: mount it writable.',
  EISDIR: 'A folder stands where the board should be: move it away.',
  ENOTDIR: 'A part of the path is a file: move it away.',
  ENOENT: 'The folder is gone: make it again.',
  ENOSPC: 'The disk is full: make room; nothing was changed.',
  EDQUOT: 'The disk quota is used up: make room; nothing was changed.',
};

/** Sorts a file error: a full disk passes, a missing right does not until somebody gives it. */
export function fault(error: unknown, path: string, verb: string): PortError {
  const code = codeOf(error);
  const sort = ['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'EIO', 'EBUSY', 'ENOENT'].includes(code)
    ? 'retryable'
    : code in HINTS
      ? 'terminal'
      : 'unknown';
  const words = messageOf(error);
  return new PortError(sort, `cannot ${verb} ${path}: ${words}`, { hint: HINTS[code] ?? '', cause: error });
}
