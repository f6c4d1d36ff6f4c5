import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inMs, inTurns, runTimed, until } from '../../measure.ts';
import type { Bench, Figure } from '../../row.ts';
import { createWorld } from '../../world/world.ts';
import { bareNode } from '../../yardsticks.ts';

const TASKS = 100_000;
/** 144 a day. */
const APART_MS = 600_000;

/** Of ordinary size: without a file there would be nothing to read. */
const SETTINGS = `label: rpi-auto
max_concurrent_workers: 1
agent: { kind: command, command: [/bin/sleep, "1000000"] }
limits: { start_gap: 0s, run_time: 10h, silence: 10h, first_event: 10h, usd_per_task: 5 }
`;

/** Each with the most that it may cost, in Nodes that do nothing. */
const COMMANDS: readonly { readonly name: string; readonly args: readonly string[]; readonly most: number }[] = [
  { name: '`tac8 status`', args: ['status'], most: 2.2 },
  { name: '`tac8 status --json`', args: ['status', '--json'], most: 2.2 },
  { name: '`tac8 --version`', args: ['--version'], most: 1.3 },
  { name: 'Tab after `tac8 why`', args: ['__complete', 'why', ''], most: 2.2 },
  { name: '`tac8 why N`', args: ['why', 'local-1'], most: 3.5 },
  { name: '`tac8 plan`', args: ['plan'], most: 3.5 },
  { name: '`tac8 diff N`', args: ['diff', 'local-1'], most: 3.5 },
  { name: '`tac8 report`', args: ['report'], most: 3.5 },
];

/** What commands cost from start to exit in a repository with a hundred thousand finished tasks and one worker, against a Node that does nothing. */
export async function commandStart(bench: Bench): Promise<readonly Figure[]> {
  const world = await createWorld(bench, { name: 'commands', settings: SETTINGS });
  try {
    const board = join(world.root, 'tasks.md');
    writeFileSync(board, '## Pending\n[] Sleep\n[] Wait for the other\n');
    const daemon = await world.start();
    await until('a worker', () => existsSync(board) && /- PID:/.test(readFileSync(board, 'utf8')));
    await daemon.kill();
    fill(join(world.root, '.tac8/tac8.db'));
    await world.start();
    const options = { cwd: world.root, env: bench.env };
    const runs: Readonly<Record<string, () => Promise<number>>> = Object.fromEntries(
      COMMANDS.map(({ name, args }) => [name, async () => (await runTimed([bench.tac8, ...args], options)).cpu] as const),
    );
    const samples = await inTurns<string>(bench.rounds, { node: () => bareNode(bench), ...runs });
    return COMMANDS.map(({ name, most }): Figure => {
      const [sample, node] = [samples[name], samples.node];
      if (sample === undefined || node === undefined) throw new Error(`${name} was not measured`);
      return {
        name,
        value: sample.median,
        unit: 'ms',
        shown: inMs(sample),
        yardstick: { what: '`node -e 0`', value: node.median },
        bound: { kind: 'ratio', most },
        how: `CPU of the command and its children, ${bench.rounds} in turns, median (min–max); ${TASKS.toLocaleString('en')} finished tasks, one running, one waiting, a daemon at work`,
      };
    });
  } finally {
    await world.close();
  }
}

/**
 * Finished tasks beside those that there are, as tac8 0.1.0 wrote them: any later version reads its databases.
 * Half completed, half failed; those of the last hours are the ones that `status` shows.
 */
function fill(path: string): void {
  const database = new DatabaseSync(path, { timeout: 10_000 });
  const now = Date.now();
  try {
    const task = database.prepare('INSERT INTO tasks (id, version, state, ended_at, doc) VALUES (?, 1, ?, ?, ?)');
    const run = database.prepare('INSERT INTO runs (id, task, version, state, created_at, doc) VALUES (?, ?, 1, ?, ?, ?)');
    database.exec('BEGIN IMMEDIATE');
    for (let n = 10; n < TASKS + 10; n += 1) {
      const at = now - n * APART_MS;
      const finished = finishedTask(n, at);
      const settled = settledRun(n, at);
      task.run(finished.id, finished.state, at, JSON.stringify(finished));
      run.run(settled.id, settled.task, settled.state, settled.createdAt, JSON.stringify(settled));
    }
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}

const runId = (n: number): string => `w-${n.toString(16).padStart(6, '0')}`;

function finishedTask(n: number, at: number) {
  const facts = {
    id: `local-${n}`,
    title: `Task number ${n} with a title of ordinary length`,
    priority: 2,
    labels: [],
    addedAt: at - 1_000_000,
    armedBy: 'person',
    order: null,
    branch: `auto/local-${n}`,
    attempts: 1,
    runs: 1,
    pull: null,
    pausedAt: null,
    version: 1,
  };
  const run = runId(n);
  if (n % 2 === 0) return { ...facts, state: 'completed', run, at, commit: 'a1b2c3d' };
  return { ...facts, state: 'failed', run, at, failure: { type: 'stalled', message: 'stalled: no output for 15m (attempt 3/3)', at } };
}

function settledRun(n: number, at: number) {
  const spend = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, usd: 0 };
  const stream = {
    offset: 0,
    events: 0,
    firstEventAt: null,
    lastEventAt: null,
    session: null,
    model: null,
    turns: 0,
    spend,
    activity: null,
    result: null,
    providerError: null,
    limitedUntil: null,
  };
  return {
    id: runId(n),
    task: `local-${n}`,
    attempt: 1,
    createdAt: at - 900_000,
    session: '3c6f2c2e-5e0c-4d52-9d6c-6b6c0a2e9f10',
    resumes: null,
    wanted: null,
    inputEnded: true,
    agent: { kind: 'claude', model: 'sonnet' },
    stream,
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
