import { readSync, type Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import type { Ms } from '../../core/model/seen.ts';
import { besideIt, openPlain } from '../../files/open-plain.ts';
import { OTHER_DIALECT } from './filters.ts';
import { squeezer } from './squeeze.ts';

/** The log is not what it was: `vanished`, `shrunk` below where it was read to, or `unreadable`. */
export class LogError extends Error {
  readonly kind: 'vanished' | 'shrunk' | 'unreadable';
  constructor(kind: LogError['kind'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'LogError';
    this.kind = kind;
  }
}

export interface LogLine {
  /** Without its line end; only good until the next line is taken. */
  readonly bytes: Buffer;
  /** Where it begins in the file. */
  readonly offset: number;
  /** Its length in the file, line end included. */
  readonly size: number;
  /** It was too long to be kept whole: its strings were shortened, or it was cut into several. */
  readonly squeezed: boolean;
  /** When the file was last written to. */
  readonly writtenAt: Ms;
}

export interface LogEnd {
  /** Behind the last line that was taken: the next reading starts here. */
  readonly offset: number;
  /** Bytes of a line whose end is not written yet. */
  readonly waiting: number;
}

export interface ReadOptions {
  /** Takes the half line at the end, too: nobody will write its end any more. */
  readonly last?: boolean;
  /** Called between chunks: a reader that cannot keep up waits here. */
  readonly breathe?: () => Promise<void>;
  readonly signal?: AbortSignal;
  /** Where reading ends, when the log is longer: behind a line. */
  readonly to?: number;
  /** So many bytes are worked on before others get their turn: fewer where each is much work. */
  readonly unbroken?: number;
  /** Hands out only the lines in which it finds something; the others are passed over without being looked at one by one. */
  readonly only?: Find;
}

/** Where in `bytes`, from `from` on, is what is looked for; -1: nowhere. What it finds stands within one line. `offset`: where in the file they begin. */
export type Find = (bytes: Buffer, from: number, offset: number) => number;

/** `pattern` finds in bytes read as latin1, the newest of which are kept as text. */
export function findPattern(pattern: RegExp): Find {
  const own = new RegExp(pattern, [...new Set(`${pattern.flags}g`)].join(''));
  let last: Buffer | null = null;
  let words = '';
  return (bytes, from) => {
    if (bytes !== last) words = bytes.toString('latin1');
    last = bytes;
    own.lastIndex = from;
    return own.exec(words)?.index ?? -1;
  };
}

export function findBytes(text: string): Find {
  const needle = Buffer.from(text);
  return (bytes, from) => bytes.indexOf(needle, from);
}

/** As text it still fits where young and short-lived things are, which is the cheapest memory that there is: three times as much costs a third more. */
const CHUNK = 96 * 1024;
/** In which an agent of another dialect has said something. */
const HEAD = 16 * 1024;
/** Some ten milliseconds of work. */
const UNBROKEN = 4 * 1024 * 1024;
/** Longer lines have their strings shortened while they are read. */
const LONG_LINE = 1024 * 1024;
const MAX_STRING = 64 * 1024;
const MAX_SQUEEZED = 4 * 1024 * 1024;
const ENDLESS_LINE = 64 * 1024 * 1024;
const EMPTY = Buffer.alloc(0);

/**
 * Hands out the whole lines from byte `offset` on, in order; a half line waits for the next reading. Memory stays flat
 * whatever the length of the file or of a line. Throws LogError.
 */
export async function readLog(path: string, offset: number, take: (line: LogLine) => void, options: ReadOptions = {}): Promise<LogEnd> {
  const file = await openLog(path);
  try {
    const { size, mtimeMs } = await statFrom(file, path, offset);
    const only = options.only === undefined || (await isForeign(file)) ? undefined : options.only;
    const lines = splitter(offset, mtimeMs, take, only);
    await pump(file, offset, Math.min(size, options.to ?? size), lines.feed, options);
    if (options.last === true) lines.flush();
    return lines.at();
  } finally {
    await file.close();
  }
}

async function isForeign(file: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(HEAD), position: 0 });
  return OTHER_DIALECT.test(buffer.toString('latin1', 0, bytesRead));
}

/** Hands out the bytes from `offset` on as they are; answers where they end. Throws LogError. */
export async function readBytes(path: string, offset: number, take: (bytes: Buffer) => void, options: ReadOptions = {}): Promise<number> {
  const file = await openLog(path);
  try {
    const { size } = await statFrom(file, path, offset);
    await pump(file, offset, size, take, options);
    return size;
  } finally {
    await file.close();
  }
}

/** Lines that are asked for one by one, as text; null for one that is too long to be kept whole. Throws LogError. */
export async function lineReader(
  path: string,
): Promise<{ readonly at: (line: { from: number; to: number }) => string | null; readonly close: () => Promise<void> }> {
  const file = await openLog(path);
  // One for all of them: memory beside the heap is given back late.
  let room = Buffer.allocUnsafe(CHUNK);
  const read = (from: number, size: number): string => {
    if (size > room.length) room = Buffer.allocUnsafe(size);
    return room.toString('utf8', 0, readAt(file.fd, room, size, from)).trimEnd();
  };
  return { at: ({ from, to }) => (to - from > LONG_LINE ? null : read(from, to - from)), close: () => file.close() };
}

async function openLog(path: string): Promise<FileHandle> {
  try {
    return await openPlain(besideIt(path));
  } catch (error) {
    throw notOpened(path, error);
  }
}

export function notOpened(path: string, error: unknown): LogError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'ENOTPLAIN') return new LogError('unreadable', (error as Error).message, error);
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return new LogError('vanished', `there is no log at ${path}`, error);
  return new LogError('unreadable', `cannot read the log ${path}: ${code}`, error);
}

async function statFrom(file: FileHandle, path: string, offset: number): Promise<{ readonly size: number; readonly mtimeMs: Ms }> {
  return expectFrom(await file.stat(), path, offset);
}

/** Throws unless it is a plain file that has all that was read of it. */
export function expectFrom(seen: Stats, path: string, offset: number): Stats {
  if (!seen.isFile()) throw new LogError('unreadable', `${path} is no file`);
  if (seen.size >= offset) return seen;
  throw new LogError('shrunk', `${path} has ${seen.size} bytes, but was read to byte ${offset}: something else has cut or replaced it`);
}

/**
 * Reads into one buffer, at once: a promise for each chunk costs more than the chunk. Others get their turn now and then, and so does whoever
 * wants it to end.
 */
async function pump(
  { fd }: FileHandle,
  from: number,
  to: number,
  feed: (bytes: Buffer) => void,
  { signal, breathe, unbroken: most = UNBROKEN }: ReadOptions,
): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(CHUNK, to - from)));
  let unbroken = 0;
  for (let position = from; position < to; ) {
    const count = readAt(fd, buffer, Math.min(buffer.length, to - position), position);
    signal?.throwIfAborted();
    if (count === 0) return;
    position += count;
    feed(buffer.subarray(0, count));
    await breathe?.();
    unbroken += count;
    if (unbroken < most) continue;
    unbroken = 0;
    await turn();
  }
}

/** Reads up to so many bytes into the buffer. Throws LogError. */
export function readAt(file: number, buffer: Buffer, length: number, position: number): number {
  try {
    return readSync(file, buffer, 0, length, position);
  } catch (error) {
    throw new LogError('unreadable', `cannot read the log at byte ${position}: ${String(error)}`, error);
  }
}

export interface Splitter {
  readonly feed: (bytes: Buffer) => void;
  readonly flush: () => void;
  readonly at: () => LogEnd;
}

/** Cuts a stream of chunks into lines; with `only`, hands out those in which it finds something. */
export function splitter(start: number, writtenAt: Ms, take: (line: LogLine) => void, only: Find | undefined): Splitter {
  let offset = start;
  /** The beginning of a line whose end is in a later chunk. */
  let held: Buffer[] = [];
  let waiting = 0;
  let long: ReturnType<typeof squeezer> | null = null;
  /** The next line was looked for: it need not be looked at again. */
  let found = false;
  const hold = (bytes: Buffer): void => {
    if (bytes.length === 0) return;
    waiting += bytes.length;
    if (long === null && waiting > LONG_LINE) {
      long = squeezer(MAX_STRING, MAX_SQUEEZED);
      for (const part of held) long.feed(part);
      held = [];
    }
    if (long !== null) long.feed(bytes);
    else held.push(Buffer.from(bytes));
    // A flood without a line end: cut, so that no later reading has to begin far back.
    if (waiting > ENDLESS_LINE) give(EMPTY, 0);
  };
  const give = (tail: Buffer, lineEnd: number): void => {
    const size = waiting + tail.length + lineEnd;
    let bytes = tail;
    if (waiting > 0) {
      if (long !== null) long.feed(tail);
      else held.push(tail);
      bytes = long === null ? Buffer.concat(held) : long.end().bytes;
    }
    const squeezed = long !== null;
    held = [];
    long = null;
    waiting = 0;
    const line = { bytes: bytes.at(-1) === CR ? bytes.subarray(0, -1) : bytes, offset, size, squeezed, writtenAt };
    offset += size;
    if (only === undefined || found || only(line.bytes, 0, line.offset) >= 0) take(line);
  };
  return {
    feed: (bytes) => {
      let from = 0;
      found = false;
      const begins = offset + waiting;
      for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, from)) {
        give(bytes.subarray(from, end), 1);
        from = only === undefined ? end + 1 : lineWith(bytes, only, end + 1, begins);
        offset += from - end - 1;
        found = only !== undefined;
      }
      found = false;
      hold(bytes.subarray(from));
    },
    flush: () => {
      if (waiting > 0) give(EMPTY, 0);
    },
    at: () => ({ offset, waiting }),
  };
}

/** Where the next line begins in which something is found; else where the last line, which may go on, begins. */
function lineWith(bytes: Buffer, only: Find, from: number, begins: number): number {
  const found = only(bytes, from, begins);
  return Math.max(from, bytes.lastIndexOf(LF, found < 0 ? undefined : found) + 1);
}

const LF = 0x0a;
const CR = 0x0d;

/** A line as text; bytes that are no UTF-8 become U+FFFD. */
export const textOfLine = (line: LogLine): string => line.bytes.toString('utf8');
