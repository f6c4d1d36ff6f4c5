import { existsSync, readdirSync, readFileSync, renameSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBenchDaemon } from './daemon.ts';
import { sampleOf } from './measure.ts';
import { type Bench, inMs, quotient, type Row } from './row.ts';

const BOUND_MS = 250;
const PATIENCE_MS = 30_000;
/** Speaks as Claude does, works until it is told to stop, looks for that as often as a shell can. */
const AGENT = `echo '{"type":"system","subtype":"init","session_id":"b","model":"bench","tools":[]}'
until [ -e "$TAC8_RUN_DIR/stop-flag" ]; do sleep 0.01; done
`;

/** A person marks a running task as failed in `tasks.md`: until the worker is told, against a bare file event. */
export async function editToWorker(bench: Bench): Promise<readonly Row[]> {
  const agent = join(bench.dir, 'agent.sh');
  writeFileSync(agent, AGENT);
  const settings = `agent: { kind: claude, command: [/bin/sh, ${agent}] }\nlimits: { start_gap: 0s }\nmax_concurrent_workers: 1\npoll_interval: 30s\n`;
  const daemon = await startBenchDaemon(bench, { name: 'edit', settings, files: { 'README.md': 'Hi\n' } });
  try {
    const ours: number[] = [];
    for (let round = 1; round <= bench.rounds * 2; round += 1) ours.push(await cancelOne(daemon.root, round));
    const theirs: number[] = [];
    for (let round = 0; round < bench.rounds; round += 1) theirs.push(await fileEvent(bench.dir));
    return [rowOf(ours, theirs)];
  } finally {
    await daemon.close();
  }
}

async function cancelOne(root: string, round: number): Promise<number> {
  const board = join(root, 'tasks.md');
  await until('a board', () => existsSync(board));
  save(board, (text) => text.replace('## Pending\n', `## Pending\n[] Round ${round}\n`));
  const line = new RegExp(`\\[🟡 (w-[0-9a-f]{6}), [^\\]]*\\] (local-\\d+: Round ${round})\\n(?:- [^\\n]*\\n)*- PID:[^\\n]*\\n`, 'u');
  const shown = await until(`round ${round} to run`, () => line.exec(readFileSync(board, 'utf8')));
  const [block = '', run = '', task = ''] = shown;
  const log = join(root, 'logs');
  await until('its first word', () => readdirSync(log).some((name) => name.includes(`${run}.jsonl`)));
  await sleep(100);
  save(board, (text) => text.replace(block, `[❌ ${run}] ${task}\n`));
  const saved = performance.now();
  await until('the stop flag', () => existsSync(join(root, '.tac8/runs', run, 'stop-flag')), 1);
  const took = performance.now() - saved;
  await until(
    'its end',
    () => new RegExp(`\\[❌ ${run}\\]`, 'u').test(readFileSync(board, 'utf8')) && !line.test(readFileSync(board, 'utf8')),
  );
  return took;
}

/** As an editor saves: a new file over the old one. */
function save(path: string, change: (text: string) => string): void {
  writeFileSync(`${path}~`, change(readFileSync(path, 'utf8')));
  renameSync(`${path}~`, path);
}

/** How long it takes until a bare watcher hears of a saved file. */
async function fileEvent(dir: string): Promise<number> {
  const path = join(dir, 'bare.md');
  writeFileSync(path, 'before');
  const { promise, resolve } = Promise.withResolvers<number>();
  let saved = 0;
  const watcher = watch(dir, (_event, name) => {
    // What comes before is the file's making.
    if (name === 'bare.md' && saved > 0) resolve(performance.now());
  });
  await sleep(50);
  saved = performance.now();
  save(path, (text) => `${text}!`);
  const heard = await promise;
  watcher.close();
  return heard - saved;
}

async function until<T>(what: string, look: () => T, every = 5): Promise<NonNullable<T>> {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await sleep(every)) {
    const found = look();
    if (found) return found;
  }
  throw new Error(`no sign of ${what} within ${PATIENCE_MS / 1000} s`);
}

function rowOf(ours: readonly number[], theirs: readonly number[]): Row {
  const sorted = [...ours].sort((a, b) => a - b);
  const p95 = sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.POSITIVE_INFINITY;
  const bare = sampleOf(theirs);
  return {
    what: 'edit of `tasks.md` → worker told to stop',
    tac8: `p95 ${p95.toFixed(1)} ms (${inMs(sampleOf(ours))})`,
    rival: `a bare file event: ${inMs(bare)}`,
    ratio: quotient(p95, bare.median),
    bound: `p95 < ${BOUND_MS} ms`,
    holds: p95 < BOUND_MS,
    how: `a running task’s line is marked [❌] and saved by rename, until the stop flag that the agent’s hook reads is there; ${ours.length} in turn`,
  };
}
