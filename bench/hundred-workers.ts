import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openSqliteStore } from '../src/adapters/store/sqlite.ts';
import { type BenchDaemon, startBenchDaemon } from './daemon.ts';
import { cpuNanoseconds, residentBytes, sampleOf } from './measure.ts';
import { type Bench, inMiB, inMs, quotient, type Row } from './row.ts';
import { TALKER } from './talker.ts';

const WORKERS = 100;
const EVENTS_PER_SECOND = 20;
const WATCHED_SECONDS = 20;
const TICK_BOUND_MS = 100;
const MEMORY_BOUND = 200 * 1024 ** 2;
const PATIENCE_MS = 120_000;

const run = promisify(execFile);

/** A hundred agents that talk without pause: how long the loop takes, what the daemon holds, and whether anything they say is missed. */
export async function hundredWorkers(bench: Bench): Promise<readonly Row[]> {
  const desk = join(bench.dir, 'desk');
  mkdirSync(desk);
  const talker = join(desk, 'talker.pl');
  writeFileSync(talker, TALKER);
  const port = await freePort();
  const command = ['/usr/bin/perl', talker, desk, String(EVENTS_PER_SECOND)];
  const settings = [
    'poll_interval: 2s',
    `max_concurrent_workers: ${WORKERS}`,
    `http: { port: ${port} }`,
    'limits: { start_gap: 0s, load_per_core: 1000, turns: 1000000 }',
    `agent: { kind: claude, command: ${JSON.stringify(command)} }\n`,
  ].join('\n');
  const daemon = await startBenchDaemon(bench, { name: 'hundred', settings, files: { 'README.md': 'Hi\n' } });
  const status = () => statusOf(bench, daemon);
  try {
    for (let n = 1; n <= WORKERS; n += 1)
      daemon.github.label('mara', daemon.github.createIssue('mara', { title: `Talk, number ${n}` }), 'rpi-auto');
    await until(async () => readdirSync(desk).filter((name) => name.endsWith('.began')).length === WORKERS, `${WORKERS} agents at work`);
    const watched = await watch(daemon, port, status);
    writeFileSync(join(desk, 'enough'), '');
    await until(async () => (await status()).active === 0, 'the end of all runs');
    return rowsOf(watched, compare(desk, daemon.root));
  } finally {
    writeFileSync(join(desk, 'enough'), '');
    await daemon.close();
  }
}

interface Watched {
  readonly ticks: Ticks;
  readonly memory: number;
  /** Of a core. */
  readonly load: { readonly daemon: number; readonly agents: number };
  readonly status: readonly number[];
}

async function watch(daemon: BenchDaemon, port: number, status: () => Promise<{ took: number }>): Promise<Watched> {
  const before = await ticksOf(port);
  const cpu = { daemon: cpuNanoseconds(daemon.pid), agents: agentsCpu(daemon.pid) };
  const began = performance.now();
  let memory = 0;
  const answers: number[] = [];
  while (performance.now() - began < WATCHED_SECONDS * 1000) {
    memory = Math.max(memory, residentBytes(daemon.pid));
    answers.push((await status()).took);
    await sleep(1_000);
  }
  const elapsed = (performance.now() - began) * 1e6;
  const after = await ticksOf(port);
  const share = (from: bigint, to: bigint): number => Number(to - from) / elapsed;
  const load = { daemon: share(cpu.daemon, cpuNanoseconds(daemon.pid)), agents: share(cpu.agents, agentsCpu(daemon.pid)) };
  return { ticks: after.map(({ upTo, count }, at) => ({ upTo, count: count - (before[at]?.count ?? 0) })), memory, load, status: answers };
}

/** Nanoseconds that the agents have used so far: every perl that bears a run's mark, so that nobody else's is counted. */
function agentsCpu(daemon: number): bigint {
  const ours = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== daemon && isTalker(name));
  return ours.reduce((sum, pid) => sum + orNothing(() => cpuNanoseconds(Number(pid)), 0n), 0n);
}

const isTalker = (pid: string): boolean => orNothing(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('talker.pl'), false);

/** A process may end while it is looked at. */
function orNothing<T>(look: () => T, nothing: T): T {
  try {
    return look();
  } catch {
    return nothing;
  }
}

/** Cumulative counts by upper bound in ms. */
type Ticks = readonly { readonly upTo: number; readonly count: number }[];

async function ticksOf(port: number): Promise<Ticks> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(10_000) });
  const lines = [...(await answer.text()).matchAll(/^tac8_tick_seconds_bucket\{le="([^"]+)"\} (\d+)$/gm)];
  if (lines.length === 0) throw new Error('the metrics say nothing of the ticks');
  return lines.map(([, bound = '', count = '']) => ({
    upTo: bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound) * 1000,
    count: Number(count),
  }));
}

async function statusOf(bench: Bench, daemon: BenchDaemon): Promise<{ active: number; took: number }> {
  const [node, main] = bench.tac8;
  const began = performance.now();
  const { stdout } = await run(node, [main, 'status', '--json'], {
    cwd: daemon.root,
    env: bench.env,
    timeout: 30_000,
    maxBuffer: 64 * 1024 ** 2,
  });
  const { counts } = JSON.parse(stdout) as { counts: { active: number } };
  return { active: counts.active, took: performance.now() - began };
}

interface Compared {
  readonly said: number;
  readonly logged: number;
  readonly taken: number;
}

/** What the agents counted themselves, what stands in their logs, and what the daemon took in. */
function compare(desk: string, root: string): Compared {
  const said = readdirSync(desk)
    .filter((name) => name.endsWith('.ended'))
    .reduce((sum, name) => sum + Number(readFileSync(join(desk, name), 'utf8')), 0);
  const store = openSqliteStore({ path: join(root, '.tac8', 'tac8.db'), readOnly: true });
  try {
    const runs = store.openTasks().flatMap(({ id }) => store.runsOf(id));
    const logs = runs.map(({ id, task }) => readFileSync(join(root, 'logs', `${task}.${id}.jsonl`), 'utf8').split('\n'));
    const logged = logs.flat().filter((line) => line.startsWith('{') && !line.startsWith('{"type":"tac8"')).length;
    return { said, logged, taken: runs.reduce((sum, { stream }) => sum + stream.events, 0) };
  } finally {
    store.close();
  }
}

function rowsOf({ ticks, memory, load, status }: Watched, { said, logged, taken }: Compared): readonly Row[] {
  const all = ticks.at(-1)?.count ?? 0;
  const p99 = ticks.find(({ count }) => count >= 0.99 * all)?.upTo ?? Number.POSITIVE_INFINITY;
  const within = ticks.find(({ upTo }) => upTo === TICK_BOUND_MS)?.count ?? 0;
  const how = `${WORKERS} agents that say ${EVENTS_PER_SECOND} events/s each, ${WATCHED_SECONDS} s`;
  return [
    {
      what: `${WORKERS} workers: tick, p99`,
      tac8: `≤ ${p99} ms (${all} ticks, ${all - within} above ${TICK_BOUND_MS} ms)`,
      rival: `the agents: ${(load.agents * 100).toFixed(0)} % of a core; the daemon: ${(load.daemon * 100).toFixed(0)} %`,
      ratio: quotient(load.daemon, load.agents),
      bound: `≤ ${TICK_BOUND_MS} ms`,
      holds: p99 <= TICK_BOUND_MS,
      how: `${how}; from the daemon’s own histogram`,
    },
    {
      what: `${WORKERS} workers: memory of the daemon`,
      tac8: inMiB(memory),
      rival: '–',
      ratio: '–',
      bound: `< ${inMiB(MEMORY_BOUND)}`,
      holds: memory < MEMORY_BOUND,
      how: `${how}; the largest VmRSS`,
    },
    {
      what: `${WORKERS} workers: events`,
      tac8: `${logged} in the logs, ${taken} taken in`,
      rival: `said: ${said}`,
      ratio: quotient(logged, said),
      bound: 'none lost',
      holds: said > 0 && logged === said && taken >= said,
      how: 'counted by the agents themselves, in their logs, and by the daemon',
    },
    { what: `\`tac8 status --json\` meanwhile`, tac8: inMs(sampleOf(status)), rival: '–', ratio: '–', bound: 'answers', holds: true, how },
  ];
}

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; !(await holds()); await sleep(250))
    if (performance.now() > end) throw new Error(`not within ${PATIENCE_MS / 1000} s: ${what}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}
