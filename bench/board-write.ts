import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBoard } from '../src/adapters/board/index.ts';
import type { BoardBase } from '../src/core/board/base.ts';
import type { BoardLine, BoardView } from '../src/core/board/view.ts';
import { inTurns } from './measure.ts';
import { type Bench, inMs, quotient, type Row } from './row.ts';

const BOUND_MS = 50;
const LINEAR = 13;

/** `tasks.md` with many tasks: a person's edit is read and the daemon's next state written, against writing the same bytes safely. */
export async function boardWrite(bench: Bench): Promise<readonly Row[]> {
  // One after the other: the garbage of the large board would be swept on the small one's time.
  const small = await startBoard(bench, 10_000);
  const [ten, plain] = await inTurns(bench.rounds, small.step, small.plain);
  await small.close();
  const large = await startBoard(bench, 100_000);
  const [hundred] = await inTurns(bench.rounds, large.step);
  await large.close();
  if (!ten || !hundred || !plain) throw new Error('three things were measured');
  const how = `an edit of a line by a person, then read, merge and write with one task changed, ${bench.rounds} in turns, median (min–max)`;
  const rival = `the same bytes by temp file, fsync, rename: ${inMs(plain)}`;
  const bound = ten.median * LINEAR;
  return [
    {
      what: '`tasks.md`, 10,000 tasks',
      tac8: inMs(ten),
      rival,
      ratio: quotient(ten.median, plain.median),
      bound: `< ${BOUND_MS} ms`,
      holds: ten.median < BOUND_MS,
      how,
    },
    {
      what: '`tasks.md`, 100,000 tasks',
      tac8: inMs(hundred),
      rival: `10,000 tasks: ${inMs(ten)}`,
      ratio: quotient(hundred.median, ten.median),
      bound: `linear: ≤ ${LINEAR} ×`,
      holds: hundred.median <= bound,
      how,
    },
  ];
}

async function startBoard(bench: Bench, count: number) {
  const dir = join(bench.dir, `board-${count}`);
  mkdirSync(dir, { recursive: true });
  const path = join(dir, 'tasks.md');
  const board = createBoard({ path, dir: join(dir, '.tac8'), settleMs: 0, watchMs: 0 });
  let step = 0;
  let base: BoardBase = await board.publish(viewOf(count, step), { text: null });
  return {
    async step(): Promise<number> {
      step += 1;
      writeFileSync(path, readFileSync(path, 'utf8').replace(/gh-5000: (.*?)(?: \{p\d\})?\n/, `gh-5000: $1 {p${step % 4}}\n`));
      const view = viewOf(count, step);
      const started = performance.now();
      const { base: taken } = await board.read(base);
      base = await board.publish(view, taken);
      return performance.now() - started;
    },
    async plain(): Promise<number> {
      const started = performance.now();
      writeFileSync(`${path}.plain`, readFileSync(path), { flush: true });
      renameSync(`${path}.plain`, `${path}.copy`);
      return performance.now() - started;
    },
    close: () => board.close(),
  };
}

/** Mostly pending tasks; one of them starts with each step. */
function viewOf(count: number, step: number): BoardView {
  const lines = Array.from({ length: count }, (_, at): BoardLine => {
    const id = `gh-${at + 1}` as const;
    const active = at === 10 + step;
    const priority = at === 4999 ? ((step % 4) as 0 | 1 | 2 | 3) : 2;
    const details = active ? [{ key: 'PID', value: '4711' }] : [];
    const section = active ? 'active' : 'pending';
    return {
      id,
      section,
      title: `Something to do, number ${at + 1}`,
      priority,
      run: active ? 'w-00000a' : null,
      tree: active ? `trees/${id}` : null,
      commit: null,
      details,
    };
  });
  const updatedAt = new Date(Date.UTC(2026, 10, 22) + step * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return { updatedAt, maxActive: 3, lines };
}
