import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuOf, inMs, sampleOf, until, writtenBytes } from '../../measure.ts';
import type { Bench, Figure } from '../../row.ts';
import { createWorld, type Daemon, type World } from '../../world/world.ts';
import { durableWrite } from '../../yardsticks.ts';

/** One worker that sleeps, and all else waits. */
export const SETTINGS = `max_concurrent_workers: 1
agent: { kind: command, command: [/bin/sleep, "1000000"] }
limits: { start_gap: 0s, run_time: 10h, silence: 10h, first_event: 10h }
`;
const WATCHED_SECONDS = 20;
const EDITS = 5;
/** What an edit sets off, writing the file anew included, is over by then. */
export const EDIT_SECONDS = 6;

/** Many tasks wait while one worker sleeps: what the daemon does between events, and what the edit of one line costs it. */
export async function waitingTasks(bench: Bench): Promise<readonly Figure[]> {
  const ten = await watch(bench, 10_000, EDITS);
  const hundred = await watch(bench, 100_000, 2);
  return [
    {
      name: '10,000 waiting tasks, one sleeping worker: between events',
      value: ten.share,
      unit: '% of a core',
      bound: { kind: 'value', most: 1 },
      how: `CPU of all threads over ${WATCHED_SECONDS} s in which nothing happens`,
    },
    {
      name: '10,000 waiting tasks: edit of one line',
      value: ten.edit.median,
      unit: 'ms',
      shown: inMs(ten.edit),
      yardstick: { what: 'the file written durably', value: ten.durable },
      bound: { kind: 'ratio', most: 12 },
      how: `a person changes one priority and saves by rename: the daemon’s CPU within ${EDIT_SECONDS} s beyond what it uses between events, ${EDITS} edits, median (min–max); the file: temp, fsync, rename, median time`,
    },
    {
      name: '10,000 waiting tasks: edit of one line, written',
      value: ten.written,
      unit: 'kB',
      bound: { kind: 'value', most: 1000 },
      how: `all that the daemon and its children send towards the disk within ${EDIT_SECONDS} s (write_bytes), median of ${EDITS}`,
    },
    {
      name: '100,000 waiting tasks: edit of one line',
      value: hundred.edit.median,
      unit: 'ms',
      shown: inMs(hundred.edit),
      yardstick: { what: 'with 10,000', value: ten.edit.median },
      bound: { kind: 'ratio', most: 13 },
      how: 'the same edit in a file ten times as long: linear at most',
    },
  ];
}

async function watch(bench: Bench, count: number, edits: number) {
  const world = await createWorld(bench, { name: `waiting-${count}`, settings: SETTINGS });
  const board = join(world.root, 'tasks.md');
  try {
    const lines = Array.from({ length: count }, (_, n) => `[] Something to do, number ${n + 1} {p2}\n`);
    writeFileSync(board, `## Pending\n${lines.join('')}`);
    const daemon = await world.start();
    await until('a worker', () => /- PID:/.test(readFileSync(board, 'utf8')), { limitMs: 300_000, every: 1000 });
    await sleep(3_000);
    const share = await between(daemon, WATCHED_SECONDS);
    const costs: number[] = [];
    const written: number[] = [];
    for (let n = 0; n < edits; n += 1) {
      const edit = await editOne(world, daemon, board, Math.floor(count / 2) + n);
      costs.push(Math.max(0, edit.cpu - share * EDIT_SECONDS * 1000));
      written.push(edit.written);
    }
    const bytes = readFileSync(board);
    const writes: number[] = [];
    for (let n = 0; n < 15; n += 1) writes.push(await durableWrite(bench.dir, bytes));
    return { share: share * 100, edit: sampleOf(costs), written: sampleOf(written).median / 1000, durable: sampleOf(writes).median };
  } finally {
    await world.close();
  }
}

/** Share of a core while nothing happens. */
export async function between(daemon: Daemon, seconds: number): Promise<number> {
  const [cpu, began] = [cpuOf(daemon.pid), performance.now()];
  await sleep(seconds * 1000);
  return (cpuOf(daemon.pid) - cpu) / (performance.now() - began);
}

/** A person changes the priority of one waiting task: what the daemon does about it, beside all else that it does meanwhile. */
export async function editOne(world: World, daemon: Daemon, board: string, number: number): Promise<{ cpu: number; written: number }> {
  const text = readFileSync(board, 'utf8');
  const line = new RegExp(`(local-${number}: [^\\n]*?)(?: \\{p\\d\\})?\\n`);
  if (!line.test(text)) throw new Error(`local-${number} has no line of its own`);
  writeFileSync(`${board}~`, text.replace(line, '$1 {p0}\n'));
  const [cpu, written, began] = [cpuOf(daemon.pid), writtenBytes(daemon.pid), performance.now()];
  renameSync(`${board}~`, board);
  const taken = (): boolean =>
    world.rows(`SELECT 1 FROM tasks WHERE id = 'local-${number}' AND json_extract(doc, '$.priority') = 0`).length > 0;
  await until('the edit to be taken in', taken, { every: 200 });
  await sleep(Math.max(0, EDIT_SECONDS * 1000 - (performance.now() - began)));
  if (!existsSync(board)) throw new Error('tasks.md is gone');
  return { cpu: cpuOf(daemon.pid) - cpu, written: writtenBytes(daemon.pid) - written };
}
