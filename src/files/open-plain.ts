import { closeSync, constants, fstatSync, openSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/*
 * A worker can put something else in the place of a file of ours: a link to a person's file, a named pipe that holds whoever opens it, a device.
 * Here no link is followed, nothing is waited for, and only a plain file is opened. Other errors are the system's own.
 */

const CAREFULLY = constants.O_NONBLOCK | constants.O_NOFOLLOW | constants.O_NOCTTY;

export class NotPlainError extends Error {
  readonly code = 'ENOTPLAIN';
  constructor(path: string) {
    super(`${path} is no plain file: something else was put in its place`);
    this.name = 'NotPlainError';
  }
}

/** Of fs.constants: O_RDONLY unless told otherwise. The number is the caller's to close. */
export function openPlainSync(path: string, flags: number = constants.O_RDONLY, mode = 0o666): number {
  const file = named(path, () => openSync(path, flags | CAREFULLY, mode));
  if (fstatSync(file).isFile()) return file;
  closeSync(file);
  throw new NotPlainError(path);
}

export async function openPlain(path: string, flags: number = constants.O_RDONLY): Promise<FileHandle> {
  const file = await open(path, flags | CAREFULLY).catch((error: unknown) => {
    throw better(path, error);
  });
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new NotPlainError(path);
}

/** The end of a file that a worker can write, as text; where it cannot be read, why. */
export async function lastOf(path: string, most: number): Promise<string> {
  try {
    const file = await openPlain(path);
    try {
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read(Buffer.alloc(most), 0, most, Math.max(0, size - most));
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    return `(its output cannot be read: ${error instanceof Error ? error.message : String(error)})`;
  }
}

/** The text of a file that a person may have put a link in place of: the link is followed, but nothing is waited for, and it may be so long. */
export const readPlainSync = (path: string, most: number): string => readPlainBytesSync(path, most).toString('utf8');

export function readPlainBytesSync(path: string, most: number): Buffer {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new NotPlainError(path);
    if (stat.size > most) throw tooLarge(path, stat.size, most);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** The same without holding the thread. A named pipe in the place of a file would hold one of the four that read files, for ever. */
export async function readPlainFile(path: string, most: number): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new NotPlainError(path);
    if (stat.size > most) throw tooLarge(path, stat.size, most);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** Bytes at the end of a file of ours that may grow. */
export async function appendPlain(path: string, text: string): Promise<void> {
  const file = await openPlain(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT);
  try {
    await file.appendFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** A small file of ours whose being there says enough, or whose time does. No link is followed, and no pipe written into. */
export function touchPlainSync(path: string, text = ''): void {
  const file = openPlainSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC);
  try {
    writeFileSync(file, text);
  } finally {
    closeSync(file);
  }
}

/** The same for a name that may be a link of ours to a file beside it, as `logs/gh-1.jsonl` is. */
export const besideIt = (path: string): string => {
  try {
    const target = readlinkSync(path);
    return target.includes('/') || target === '..' ? path : join(dirname(path), target);
  } catch {
    return path;
  }
};

const tooLarge = (path: string, size: number, most: number): Error =>
  Object.assign(new Error(`${path} has ${size} bytes, and at most ${most} are read`), { code: 'EFBIG' });

function named<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw better(path, error);
  }
}

/** ELOOP: it is a link. ENXIO: a named pipe that nobody reads, a socket, or a device without anything behind it. */
const better = (path: string, error: unknown): unknown =>
  error instanceof Error && 'code' in error && (error.code === 'ELOOP' || error.code === 'ENXIO') ? new NotPlainError(path) : error;
