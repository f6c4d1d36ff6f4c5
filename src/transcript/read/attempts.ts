import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseLine } from '../../agents/line.ts';
import { RAW } from '../../agents/words/raw-log.ts';
import type { Ms } from '../../core/model/seen.ts';
import { type RunId, readLogName, type TaskId } from '../../core/model/task.ts';
import { besideIt, openPlain } from '../../files/open-plain.ts';
import { LogError } from './read.ts';

/** One run's log. */
export interface Attempt {
  readonly run: RunId | null;
  readonly path: string;
  /** As its first line tells it, else when the file was made. */
  readonly startedAt: Ms;
}

/** The logs of a task, oldest first. Throws LogError where there are none. Works from the files alone. */
export async function attemptsOf(logs: string, task: TaskId): Promise<readonly Attempt[]> {
  const names = await readdir(logs).catch((error: NodeJS.ErrnoException) => {
    // Before the first start there is no folder.
    if (error.code === 'ENOENT') return [];
    throw new LogError('unreadable', `cannot look into ${logs}: ${error.code ?? error.message}`, error);
  });
  const own = names.filter((name) => name.startsWith(`${task}.w-`) && name.endsWith('.jsonl') && !name.endsWith(RAW));
  // A log that someone copied here has no run in its name; where several attempts are made side by side, the name leads to the newest of theirs.
  const found = own.length > 0 ? own : names.filter((name) => name === `${task}.jsonl`).map((name) => ledTo(logs, task, name));
  if (found.length === 0)
    throw new LogError('vanished', `${task} has no log in ${logs}: it was never started, or its logs were cleaned up`);
  const looked = await Promise.allSettled(found.map(async (name) => attemptAt(join(logs, name))));
  // What a worker put in the place of one log hides no other.
  const attempts = looked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const [failed] = looked.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));
  if (attempts.length === 0 && failed !== undefined) throw new LogError('unreadable', failed.message, failed);
  return attempts.sort((a, b) => a.startedAt - b.startedAt || a.path.localeCompare(b.path));
}

/** Those that began after this one; none where its log is gone. */
export function attemptsAfter({ path }: Attempt, all: readonly Attempt[]): readonly Attempt[] {
  const index = all.findIndex((each) => each.path === path);
  return index < 0 ? [] : all.slice(index + 1);
}

/** The log of an attempt at the same task that the name is a link to; else the name itself. */
function ledTo(logs: string, task: TaskId, name: string): string {
  const target = basename(besideIt(join(logs, name)));
  return target.startsWith(`${task}.`) && readLogName(target) !== null ? target : name;
}

async function attemptAt(path: string): Promise<Attempt> {
  const run = readLogName(basename(path))?.run ?? null;
  const { birthtimeMs, mtimeMs } = await stat(path);
  return { run, path, startedAt: (await firstTime(path)) ?? Math.min(birthtimeMs || mtimeMs, mtimeMs) };
}

/** When tac8 noted the start; null where the beginning does not say. */
async function firstTime(path: string): Promise<Ms | null> {
  const file = await openPlain(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    const [first = ''] = buffer.subarray(0, bytesRead).toString('utf8').split('\n');
    const event = parseLine(first)[0];
    return event?.kind === 'tac8' ? event.at : null;
  } finally {
    await file.close();
  }
}
