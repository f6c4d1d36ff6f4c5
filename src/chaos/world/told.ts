import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

const TAIL = 1500;

/** Whether the line `run_ended` of the run stands in its log at this instant. The line's own time is no answer: it says when the run ended. */
export function endIsTold(logs: string, run: string): boolean {
  const name = existsSync(logs) ? readdirSync(logs).find((one) => one.endsWith(`.${run}.jsonl`)) : undefined;
  return name !== undefined && tailOf(join(logs, name)).includes(`"event":"run_ended","run":"${run}"`);
}

/** The runs of a task that have a log in which no end stands at this instant. */
export function openRuns(logs: string, task: string): readonly string[] {
  if (!existsSync(logs)) return [];
  return readdirSync(logs).flatMap((name) => {
    const run = name.startsWith(`${task}.`) ? /^\.(w-[0-9a-f]+)\.jsonl$/.exec(name.slice(task.length))?.[1] : undefined;
    return run === undefined || endIsTold(logs, run) ? [] : [run];
  });
}

function tailOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const tail = Buffer.alloc(Math.min(size, TAIL));
    readSync(file, tail, 0, tail.length, size - tail.length);
    return tail.toString('latin1');
  } finally {
    closeSync(file);
  }
}
