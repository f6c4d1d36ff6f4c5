import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuOf, residentBytes, until, untilQuiet } from '../../measure.ts';
import type { Bench, Figure } from '../../row.ts';
import { addTasks, createWorld } from '../../world/world.ts';

const [HUNDREDS, AT_ONCE] = [4, 8];
const AGENT = ['/bin/sh', '-c', 'echo "$TAC8_TASK" > "$TAC8_TASK.txt"; git add . && git commit --quiet -m "$TAC8_TASK"'];
/** `CPU per task does not grow`: what two equal measurements differ by on a shared machine. */
const SAME = 1.15;

/** Hundreds of short tasks through one daemon: neither what it holds nor what a task costs may rest on how many were before. */
export async function shortTasks(bench: Bench): Promise<readonly Figure[]> {
  const settings = `max_concurrent_workers: ${AT_ONCE}
limits: { start_gap: 0s, load_per_core: 1000 }
agent: { kind: command, command: ${JSON.stringify(AGENT)} }
`;
  const world = await createWorld(bench, { name: 'short', settings });
  try {
    const file = join(bench.dir, 'heap');
    const daemon = await world.start({ NODE_OPTIONS: `--require ${join(import.meta.dirname, '../../probe.cjs')}`, TAC8_BENCH_HEAP: file });
    const board = join(world.root, 'tasks.md');
    const heaps: number[] = [];
    const costs: number[] = [];
    for (let hundred = 1; hundred <= HUNDREDS; hundred += 1) {
      const cpu = cpuOf(daemon.pid);
      const titles = Array.from({ length: 100 }, (_, n) => `Short task ${(hundred - 1) * 100 + n + 1}`);
      const text = await until('a board', () => readFileSync(board, 'utf8'));
      writeFileSync(`${board}~`, addTasks(text, titles));
      renameSync(`${board}~`, board);
      await until(
        `${hundred * 100} tasks to be completed`,
        async () => {
          const metrics = await daemon.metrics();
          const failed = metrics.get('tac8_tasks{state="failed"}') ?? 0;
          if (failed > 0) throw new Error(`${failed} tasks failed`);
          return metrics.get('tac8_tasks{state="completed"}') === hundred * 100;
        },
        { limitMs: 900_000, every: 1000 },
      );
      costs.push((cpuOf(daemon.pid) - cpu) / 100);
      await untilQuiet(daemon.pid, 60_000);
      heaps.push(await heapOf(daemon.pid, file, hundred));
      bench.say(`${hundred * 100} tasks: heap ${(heaps.at(-1) ?? 0).toFixed(1)} MiB, ${costs.at(-1)?.toFixed(0)} ms CPU a task`);
    }
    const [first = Number.NaN, last = Number.NaN] = [heaps[0], heaps.at(-1)];
    return [
      {
        name: '400 short tasks: heap',
        value: last - first,
        unit: 'MiB',
        shown: `${last.toFixed(1)} MiB, after the first 100 ${first.toFixed(1)} MiB`,
        bound: { kind: 'value', most: 2 },
        how: `after a collection, through one daemon, ${AT_ONCE} at a time (${heaps.map((heap) => heap.toFixed(1)).join(', ')} MiB); ${(residentBytes(daemon.pid) / 1024 ** 2).toFixed(0)} MiB resident at the end`,
      },
      {
        name: '400 short tasks: CPU per task, the last hundred',
        value: costs.at(-1) ?? Number.NaN,
        unit: 'ms',
        yardstick: { what: 'the first hundred', value: costs[0] ?? Number.NaN },
        bound: { kind: 'ratio', most: SAME },
        how: `of the daemon, git apart, by hundreds: ${costs.map((cost) => cost.toFixed(0)).join(', ')} ms`,
      },
    ];
  } finally {
    await world.close();
  }
}

/** MiB of the heap after a collection, as the probe tells. */
async function heapOf(pid: number, file: string, nth: number): Promise<number> {
  process.kill(pid, 'SIGWINCH');
  const answer = await until('the probe’s answer', () => {
    try {
      const [count, bytes] = readFileSync(file, 'utf8').split(' ').map(Number);
      return count === nth ? bytes : null;
    } catch {
      // Not there yet.
      return null;
    }
  });
  return answer / 1024 ** 2;
}
