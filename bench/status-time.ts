import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteStore } from '../src/adapters/store/sqlite.ts';
import { EMPTY_STREAM, type Run } from '../src/core/run.ts';
import type { RunId, Task } from '../src/core/task.ts';
import { inTurns, timeCommand } from './measure.ts';
import { type Bench, inMs, quotient, type Row } from './row.ts';

const TASKS = 100_000;
const RELATIVE = 1.5;
const FIXED_MS = 50;

/** Of ordinary size: without a file there would be nothing to read. */
const SETTINGS = `repo: acme/widgets
label: rpi-auto
max_concurrent_workers: 5
agent: { kind: claude, model: sonnet }
routes:
  - { when: { labels: [documentation] }, model: haiku }
limits: { run_time: 1h, usd_per_task: 5 }
`;

/** `tac8 status` in a repository with a hundred thousand finished tasks, against starting Node for nothing. */
export async function statusTime(bench: Bench): Promise<readonly Row[]> {
  const root = join(bench.dir, 'status');
  mkdirSync(join(root, '.tac8'), { recursive: true });
  execFileSync('git', ['init', '--quiet', root], { env: bench.env, timeout: 30_000 });
  writeFileSync(join(root, 'tac8.yaml'), SETTINGS);
  fill(join(root, '.tac8', 'tac8.db'));
  const options = { cwd: root, env: bench.env };
  const [node] = bench.tac8;
  const [bare, status, json] = await inTurns(
    bench.rounds,
    () => timeCommand([node, '-e', '0'], options),
    () => timeCommand([...bench.tac8, 'status'], options),
    () => timeCommand([...bench.tac8, 'status', '--json'], options),
  );
  if (!bare || !status || !json) throw new Error('three things were measured');
  const bound = RELATIVE * bare.median + FIXED_MS;
  const row = (what: string, sample: typeof status): Row => ({
    what,
    tac8: inMs(sample),
    rival: `\`node -e 0\`: ${inMs(bare)}`,
    ratio: quotient(sample.median, bare.median),
    bound: `≤ ${RELATIVE} × + ${FIXED_MS} ms = ${bound.toFixed(1)} ms`,
    holds: sample.median <= bound,
    how: `process start to exit, ${bench.rounds} in turns, median (min–max); ${TASKS.toLocaleString('en')} finished tasks in the store, no daemon`,
  });
  return [row('`tac8 status`', status), row('`tac8 status --json`', json)];
}

/** Half completed, half failed; those of the last hours are the ones that status shows. */
function fill(path: string): void {
  const store = openSqliteStore({ path });
  const now = Date.now();
  const numbers = Array.from({ length: TASKS }, (_, n) => n + 1);
  try {
    for (let from = 0; from < TASKS; from += 1000) {
      const batch = numbers.slice(from, from + 1000);
      store.commit({
        tasks: batch.map((n) => ({ next: finishedTask(n, now - n * 60_000), expected: null })),
        runs: batch.map((n) => ({ next: settledRun(n, now - n * 60_000), expected: null })),
      });
    }
  } finally {
    store.close();
  }
}

const runId = (n: number): RunId => `w-${n.toString(16).padStart(6, '0')}`;

function finishedTask(n: number, at: number): Task {
  const facts = {
    id: `gh-${n}` as const,
    title: `Task number ${n} with a title of ordinary length`,
    priority: 2 as const,
    labels: ['rpi-auto'],
    addedAt: at - 1_000_000,
    armedBy: 'label' as const,
    order: null,
    branch: `auto/gh-${n}`,
    attempts: 1,
    runs: 1,
    pull: { number: 20_000 + n, url: `https://github.com/acme/widgets/pull/${20_000 + n}` },
    pausedAt: null,
    version: 1,
  };
  const run = runId(n);
  if (n % 2 === 0) return { ...facts, state: 'completed', run, at, commit: 'a1b2c3d' };
  const failure = { type: 'stalled' as const, message: 'stalled: no output for 15m (attempt 3/3)', at };
  return { ...facts, state: 'failed', run, at, failure };
}

function settledRun(n: number, at: number): Run {
  return {
    id: runId(n),
    task: `gh-${n}`,
    attempt: 1,
    createdAt: at - 900_000,
    session: '3c6f2c2e-5e0c-4d52-9d6c-6b6c0a2e9f10',
    resumes: null,
    wanted: null,
    inputEnded: true,
    agent: { kind: 'claude', model: 'sonnet' },
    stream: EMPTY_STREAM,
    settlement: {},
    problem: null,
    version: 1,
    state: 'settled',
    baseCommit: null,
    startedAt: at - 800_000,
    endedAt: at,
    exit: { code: 0, at },
    rebooted: false,
    cause: null,
    failedStart: null,
  };
}
