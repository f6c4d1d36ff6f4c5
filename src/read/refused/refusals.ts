import { closeSync, fstatSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { openPlainSync, readPlainSync } from '../../files/open-plain.ts';

/** Something that a worker wanted and was not given. */
export interface Refusal {
  readonly at: number;
  readonly run: string;
  readonly task: string;
  readonly host: string;
  readonly why: string;
}

/** So much of the end of the file is read: a worker decides how long it is. */
const MOST = 512 * 1024;

/** The newest of each task and host, newest first; without those that a person has let through since. */
export function readRefusals(dir: string): readonly Refusal[] {
  const found = new Map<string, Refusal>();
  for (const line of endOf(join(dir, 'refused.jsonl')).split('\n')) {
    const refusal = parse(line);
    if (refusal === null) continue;
    found.delete(`${refusal.task} ${refusal.host}`);
    found.set(`${refusal.task} ${refusal.host}`, refusal);
  }
  const tasks = letThrough(dir);
  return [...found.values()].filter(({ task, host }) => tasks[task]?.includes(host) !== true).reverse();
}

function endOf(path: string): string {
  try {
    const file = openPlainSync(path);
    try {
      const { size } = fstatSync(file);
      const bytes = Buffer.alloc(Math.min(size, MOST));
      return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, size - bytes.length));
    } finally {
      closeSync(file);
    }
  } catch {
    return ''; // nothing was refused
  }
}

function parse(line: string): Refusal | null {
  try {
    const { at, run, task, host, why } = JSON.parse(line) as Refusal;
    return { at: Number(at), run: String(run), task: String(task), host: String(host), why: String(why) };
  } catch {
    return null; // half written
  }
}

/** By task, what a person let through. */
function letThrough(dir: string): Readonly<Record<string, readonly string[]>> {
  try {
    return (JSON.parse(readPlainSync(join(dir, 'lists.json'), MOST)) as { tasks?: Record<string, readonly string[]> }).tasks ?? {};
  } catch {
    return {}; // none was written yet
  }
}
