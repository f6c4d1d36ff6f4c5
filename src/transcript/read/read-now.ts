import { closeSync, fstatSync, lstatSync, type Stats } from 'node:fs';
import { openPlainSync } from '../../files/open-plain.ts';
import { expectFrom, LogError, type LogLine, notOpened, readAt, splitter } from './read.ts';

/** So much is read at one go; more of it would keep everybody else waiting. */
const MOST = 1024 * 1024;
const room = Buffer.allocUnsafe(128 * 1024);

/** What stands at the path now, no link followed: one call, however long the log. Throws LogError. */
export function statLog(path: string): Stats {
  const seen = statNow(path);
  if (seen.isFile()) return seen;
  throw new LogError('unreadable', `${path} is no file`);
}

function statNow(path: string): Stats {
  try {
    return lstatSync(path);
  } catch (error) {
    throw notOpened(path, error);
  }
}

/**
 * As `readLog`, at once and for a plain file alone: a link or a named pipe in its place is an error, nobody waits for it.
 * Answers false where there is too much to be read so. Throws LogError.
 */
export function readLogNow(path: string, offset: number, take: (line: LogLine) => void): boolean {
  const file = openNow(path);
  try {
    const { size, mtimeMs } = expectFrom(fstatSync(file), path, offset);
    if (size - offset > MOST) return false;
    const lines = splitter(offset, mtimeMs, take, undefined);
    for (let at = offset; at < size; ) {
      const count = readAt(file, room, Math.min(room.length, size - at), at);
      if (count === 0) break;
      lines.feed(room.subarray(0, count));
      at += count;
    }
    return true;
  } finally {
    closeSync(file);
  }
}

function openNow(path: string): number {
  try {
    return openPlainSync(path);
  } catch (error) {
    throw notOpened(path, error);
  }
}
