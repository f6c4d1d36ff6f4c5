import type { FileHandle } from 'node:fs/promises';
import { parseLine } from '../../agents/line.ts';
import type { Ms } from '../../core/model/seen.ts';
import { besideIt, openPlain } from '../../files/open-plain.ts';
import { type LogLine, readLog } from './read.ts';

const PIECE = 256 * 1024;
/** So far a line with a time is looked for; a tool's output may be one line of many MB without one. */
const FAR = 8 * 1024 * 1024;
/** Lines of sub-agents may come a little late: the search ends so much before the moment asked for. */
const SLACK: Ms = 5 * 60_000;

/**
 * A place in a log from which on everything since a moment stands, found by halving: a few reads, whatever the log's length.
 * It may lie before that moment, never behind it.
 */
export async function offsetSince(path: string, since: Ms): Promise<number> {
  return withFile(path, async (file, size) => {
    let [before, behind] = [0, size];
    while (behind - before > PIECE) {
      const middle = before + Math.floor((behind - before) / 2);
      const line = await nextTime(file, middle, behind);
      if (line !== null && line.at < since - SLACK) before = line.offset;
      else behind = middle;
    }
    return before;
  });
}

/** The first line behind `from` that carries a time; null where there is none near. */
async function nextTime(file: FileHandle, from: number, to: number): Promise<{ readonly offset: number; readonly at: Ms } | null> {
  let text = '';
  let start = from;
  for (let at = from; at < Math.min(to, from + FAR); at += PIECE) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(PIECE), 0, PIECE, at);
    // One character a byte, so that places in the text are places in the file.
    text += buffer.toString('latin1', 0, bytesRead);
    // What stands before the first line end is the rest of a line.
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      const time = start === from ? null : timeOf(text.slice(0, end));
      if (time !== null) return { offset: start, at: time };
      text = text.slice(end + 1);
      start += end + 1;
    }
    if (bytesRead < PIECE) return null;
  }
  return null;
}

const timeOf = (line: string): Ms | null => parseLine(line).find(({ at }) => at !== null)?.at ?? null;

/** Where a line begins, at most so many bytes before the end of the log; and where it ends. */
export async function offsetBeforeEnd(path: string, bytes: number): Promise<{ readonly from: number; readonly to: number }> {
  return withFile(path, async (file, size) => {
    for (let at = Math.max(0, size - bytes); at > 0 && at < size; at += PIECE) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(PIECE), 0, PIECE, at);
      const end = buffer.subarray(0, bytesRead).indexOf(0x0a);
      if (end >= 0) return { from: at + end + 1, to: size };
    }
    return { from: size <= bytes ? 0 : size, to: size };
  });
}

async function withFile<T>(path: string, work: (file: FileHandle, size: number) => Promise<T>): Promise<T> {
  const file = await openPlain(besideIt(path));
  try {
    return await work(file, (await file.stat()).size);
  } finally {
    await file.close();
  }
}

const FIRST_WINDOW = 256 * 1024;
const WIDER = 8;

/** The last lines that a log is shown as, and what goes on showing where they end. */
export interface LastLines {
  readonly text: string;
  readonly offset: number;
  readonly print: (line: LogLine) => string;
}

/** Reads back from the end as far as that many lines need, and no further. `begin` makes what shows a line of the log. */
export async function lastLines(
  path: string,
  count: number,
  begin: () => (line: LogLine) => string,
  signal: AbortSignal,
): Promise<LastLines> {
  for (let window = FIRST_WINDOW; ; window *= WIDER) {
    const { from, to } = await offsetBeforeEnd(path, window);
    const print = begin();
    let shown: string[] = [];
    const take = (line: LogLine): void => {
      for (const text of print(line).split(/(?<=\n)/)) if (text !== '') shown.push(text);
      if (shown.length > 2 * count + 1000) shown = shown.slice(-count);
    };
    const end = await readLog(path, from, take, { signal });
    if (shown.length >= count || from === 0 || window >= to) return { text: shown.slice(-count).join(''), offset: end.offset, print };
  }
}
