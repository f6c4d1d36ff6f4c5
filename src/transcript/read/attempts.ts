import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseLine } from '../../agents/line.ts';
import { RAW } from '../../agents/words/raw-log.ts';
import type { Ms } from '../../core/model/seen.ts';
import type { RunId, TaskId } from '../../core/model/task.ts';
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
  // A log that someone copied here has no run in its name.
  const found = own.length > 0 ? own : names.filter((name) => name === `${task}.jsonl`);
  if (found.length === 0)
    throw new LogError('vanished', `${task} has no log in ${logs}: it was never started, or its logs were cleaned up`);
  const attempts = await Promise.all(
    found.map(async (name) => attemptAt(join(logs, name), name.slice(task.length + 1).replace(/\.?jsonl$/, ''))),
  );
  return attempts.sort((a, b) => a.startedAt - b.startedAt || a.path.localeCompare(b.path));
}

/** Those that began after this one; none where its log is gone. */
export function attemptsAfter({ path }: Attempt, all: readonly Attempt[]): readonly Attempt[] {
  const index = all.findIndex((each) => each.path === path);
  return index < 0 ? [] : all.slice(index + 1);
}

async function attemptAt(path: string, run: string): Promise<Attempt> {
  const id = run === '' ? null : (run as RunId);
  const { birthtimeMs, mtimeMs } = await stat(path);
  return { run: id, path, startedAt: (await firstTime(path)) ?? Math.min(birthtimeMs || mtimeMs, mtimeMs) };
}

/** When tac8 noted the start; null where the beginning does not say. */
async function firstTime(path: string): Promise<Ms | null> {
  const file = await openPlain(besideIt(path));
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    const [first = ''] = buffer.subarray(0, bytesRead).toString('utf8').split('\n');
    const event = parseLine(first)[0];
    return event?.kind === 'tac8' ? event.at : null;
  } finally {
    await file.close();
  }
}
