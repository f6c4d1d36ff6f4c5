import { readdir } from 'node:fs/promises';
import { parseLine } from '../../agents/line.ts';
import type { Ms } from '../../core/model/seen.ts';
import { readLogName, type TaskId } from '../../core/model/task.ts';
import { LogError, type LogLine, readLog, textOfLine } from './read.ts';
import { statLog } from './read-now.ts';
import { type Hit, type Query, searchOf } from './search.ts';

/** The first line of a step that holds what is looked for, and where the step stands. */
export interface PlacedHit extends Hit {
  readonly offset: number;
  readonly part: number;
  readonly at: Ms | null;
}

export interface HitPage {
  readonly hits: readonly PlacedHit[];
  /** Everything before it was looked through: the next search goes on here. */
  readonly after: number;
  readonly size: number;
}

export interface HitOptions {
  readonly limit: number;
  /** At most so many bytes are looked through. */
  readonly bytes: number;
  readonly signal: AbortSignal;
}

/** Every step from a place on that holds what is looked for, one hit each. Throws LogError. */
export async function hitsIn(path: string, from: number, query: Query, { limit, bytes, signal }: HitOptions): Promise<HitPage> {
  const { size } = statLog(path);
  const { only, take } = searchOf(query);
  const hits: PlacedHit[] = [];
  const enough = new AbortController();
  let [at, stopped]: [Ms | null, number | null] = [null, null];
  const look = (line: LogLine): void => {
    if (stopped !== null) return;
    for (const [part, event] of parseLine(textOfLine(line)).entries()) {
      at = event.at ?? at;
      const [first] = take(event);
      if (first !== undefined) hits.push({ ...first, offset: line.offset, part, at });
    }
    if (hits.length < limit) return;
    stopped = line.offset + line.size;
    enough.abort();
  };
  const to = Math.min(size, from + bytes);
  const read = readLog(path, from, look, {
    ...{ to, last: to === size, signal: AbortSignal.any([enough.signal, signal]) },
    ...(only === null ? {} : { only }),
  });
  const end = await read.catch((error: unknown) => {
    if (stopped === null || signal.aborted) throw error;
    return null;
  });
  // A line longer than all that was looked through would be met again for ever.
  const after = stopped ?? (end === null || end.offset <= from ? to : end.offset);
  return { hits, after: stopped === null && to === size ? size : after, size };
}

/** Every task that has a log here, by its number; a name that leads to another one's log is none. Throws LogError. */
export async function tasksIn(logs: string): Promise<readonly TaskId[]> {
  const entries = await readdir(logs, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new LogError('unreadable', `cannot look into ${logs}: ${error.code ?? error.message}`, error);
  });
  return [...new Set(entries.flatMap((entry) => (entry.isFile() ? (readLogName(entry.name)?.task ?? []) : [])))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
}
