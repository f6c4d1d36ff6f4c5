import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBenchDaemon } from './daemon.ts';
import { cpuNanoseconds, residentBytes, untilQuiet } from './measure.ts';
import { type Bench, inMiB, quotient, type Row } from './row.ts';

const MEMORY_BOUND = 130 * 1024 ** 2;
const CPU_BOUND = 0.5;
const POLL_SECONDS = 30;
/** Within one poll interval, so that no poll falls into it. */
const WATCHED_SECONDS = 20;

/** The daemon between two polls with nothing to do, against a Node that only waits. */
export async function idleDaemon(bench: Bench): Promise<readonly Row[]> {
  const settings = `poll_interval: ${POLL_SECONDS}s\nagent: { kind: command, command: [/bin/true] }\n`;
  const daemon = await startBenchDaemon(bench, { name: 'idle', settings, files: { 'README.md': 'Hi\n' } });
  const waiting = spawn(bench.tac8[0], ['-e', 'setInterval(() => undefined, 1e9)'], { env: bench.env, stdio: 'ignore' });
  try {
    const polls = (): number => daemon.github.journal.entries().filter((entry) => entry.path.includes('/issues?')).length;
    // The second poll tells when the next one is due.
    await daemon.github.journal.waitFor(() => polls() >= 2, 2 * POLL_SECONDS * 1000);
    await untilQuiet(daemon.pid, 5_000);
    const before = { polls: polls(), ours: cpuNanoseconds(daemon.pid), theirs: cpuNanoseconds(waiting.pid ?? 0) };
    const started = performance.now();
    await sleep(WATCHED_SECONDS * 1000);
    const elapsed = (performance.now() - started) * 1e6;
    if (polls() !== before.polls) throw new Error('a poll fell into the time that was watched');
    const share = (pid: number, from: bigint): number => (Number(cpuNanoseconds(pid) - from) / elapsed) * 100;
    const cpu = cpuRow(share(daemon.pid, before.ours), share(waiting.pid ?? 0, before.theirs));
    const quiet = memoryRow('idle daemon, memory', 'VmRSS after two polls without work', daemon.pid, waiting.pid ?? 0);
    await scrape(daemon.root);
    const scraped = `the same after ${SCRAPES} readings of /metrics`;
    return [quiet, cpu, memoryRow('idle daemon that Prometheus reads, memory', scraped, daemon.pid, waiting.pid ?? 0)];
  } finally {
    const ended = once(waiting, 'exit');
    waiting.kill('SIGKILL');
    await ended;
    await daemon.close();
  }
}

/** An hour's worth of scrapes every minute. */
const SCRAPES = 60;

async function scrape(root: string): Promise<void> {
  const { url } = JSON.parse(readFileSync(join(root, '.tac8/http.json'), 'utf8')) as { url: string };
  for (let n = 0; n < SCRAPES; n += 1) {
    const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) });
    if (!answer.ok) throw new Error(`/metrics answered ${answer.status}`);
    await answer.text();
  }
}

function memoryRow(what: string, how: string, pid: number, rival: number): Row {
  const [ours, theirs] = [residentBytes(pid), residentBytes(rival)];
  return {
    what,
    tac8: inMiB(ours),
    rival: `Node that only waits: ${inMiB(theirs)}`,
    ratio: quotient(ours, theirs),
    bound: `< ${inMiB(MEMORY_BOUND)}`,
    holds: ours < MEMORY_BOUND,
    how,
  };
}

const cpuRow = (ours: number, theirs: number): Row => ({
  what: 'idle daemon, processor',
  tac8: `${ours.toFixed(3)} % of a core`,
  rival: `Node that only waits: ${theirs.toFixed(3)} %`,
  ratio: '–',
  bound: `< ${CPU_BOUND} % of a core`,
  holds: ours < CPU_BOUND,
  how: `time on a processor of all threads (schedstat) over ${WATCHED_SECONDS} s between two polls`,
});
