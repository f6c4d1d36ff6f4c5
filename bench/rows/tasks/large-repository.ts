import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { childrenCpu, cpuOf, inMs, inTurns, runTimed, until, untilQuiet, writtenBytes } from '../../measure.ts';
import type { Bench, Figure } from '../../row.ts';
import { largeSource } from '../../world/source.ts';
import { createWorld, type Daemon } from '../../world/world.ts';
import { gitStatus } from '../../yardsticks.ts';

const EVERY_SECONDS = 4;
const WATCHED_SECONDS = 40;
const settings = (every: string): string => `max_concurrent_workers: 1
agent: { kind: command, command: [/bin/sleep, "1000000"] }
limits: { start_gap: 0s, run_time: 10h, silence: 10h, first_event: 10h }
worktrees: { save_every: ${every} }
`;

/** A repository of 50,000 files: what looking for something to save costs where there is nothing, and what `tac8 diff` does. */
export async function largeRepository(bench: Bench): Promise<readonly Figure[]> {
  const world = await createWorld(bench, { name: 'large', settings: settings('10h'), source: largeSource(bench).bare });
  const board = join(world.root, 'tasks.md');
  try {
    writeFileSync(board, '## Pending\n[] Sleep\n');
    let daemon = await world.start();
    await until('a worker', () => /- PID:/.test(readFileSync(board, 'utf8')));
    await settled(daemon);
    // Without saves: what the daemon does anyway is no part of a save.
    const without = await watch(daemon, WATCHED_SECONDS / 2);
    await daemon.kill();
    const file = join(world.root, 'tac8.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('save_every: 10h', `save_every: ${EVERY_SECONDS}s`));
    daemon = await world.start();
    // The first one finds all new.
    await sleep(3 * EVERY_SECONDS * 1000);
    const saving = await watch(daemon, WATCHED_SECONDS);
    await daemon.kill();
    const saves = saving.bursts > 0 ? saving.bursts : Math.floor(WATCHED_SECONDS / EVERY_SECONDS);
    const per = (what: 'cpu' | 'written'): number => Math.max(0, (saving[what] - without[what]) * WATCHED_SECONDS) / saves;
    const tree = join(world.root, 'trees/local-1');
    const rounds = Math.min(5, bench.rounds);
    const { status, diff } = await inTurns(rounds, {
      status: () => gitStatus(bench, tree),
      diff: async () => (await runTimed([bench.tac8, 'diff', 'local-1'], { cwd: world.root, env: bench.env })).cpu,
    });
    const yardstick = { what: '`git status` in that worktree', value: status.median };
    return [
      {
        name: '50,000 files: a save that finds nothing',
        value: per('cpu'),
        unit: 'ms',
        yardstick,
        bound: { kind: 'ratio', most: 1.5 },
        how: `CPU of the daemon and its git beyond what it uses without saves, ${saves} saves in ${WATCHED_SECONDS} s`,
      },
      {
        name: '50,000 files: a save that finds nothing, written',
        value: per('written') / 1000,
        unit: 'kB',
        // Less than a page of the disk in each: nothing of the save's own.
        bound: { kind: 'value', most: 8 },
        how: 'write_bytes of the daemon and its git, likewise',
      },
      {
        name: '50,000 files: `tac8 diff`',
        value: diff.median,
        unit: 'ms',
        shown: inMs(diff),
        yardstick,
        bound: { kind: 'ratio', most: 4 },
        how: `CPU of the command and its git, nothing changed, ${rounds} in turns, median (min–max)`,
      },
    ];
  } finally {
    await world.close();
  }
}

async function settled(daemon: Daemon): Promise<void> {
  await sleep(3_000);
  await untilQuiet(daemon.pid).catch(() => undefined);
}

/** CPU ms and bytes per second, and how often children were at work after a second without any. */
async function watch({ pid }: Daemon, seconds: number): Promise<{ cpu: number; written: number; bursts: number }> {
  const used = (): number => cpuOf(pid) + childrenCpu(pid);
  const [cpu, written, began] = [used(), writtenBytes(pid), performance.now()];
  let bursts = 0;
  for (let quiet = 0; performance.now() - began < seconds * 1000; await sleep(20)) {
    if (childrenOf(pid) === 0) quiet += 20;
    else {
      if (quiet > 1_000) bursts += 1;
      quiet = 0;
    }
  }
  const elapsed = (performance.now() - began) / 1000;
  return { cpu: (used() - cpu) / elapsed, written: (writtenBytes(pid) - written) / elapsed, bursts };
}

function childrenOf(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => {
    try {
      return sum + readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).length;
    } catch {
      // A thread that has just ended.
      return sum;
    }
  }, 0);
}
