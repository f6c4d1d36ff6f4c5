import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
    return [
      memoryRow(residentBytes(daemon.pid), residentBytes(waiting.pid ?? 0)),
      cpuRow(share(daemon.pid, before.ours), share(waiting.pid ?? 0, before.theirs)),
    ];
  } finally {
    const ended = once(waiting, 'exit');
    waiting.kill('SIGKILL');
    await ended;
    await daemon.close();
  }
}

const memoryRow = (ours: number, theirs: number): Row => ({
  what: 'idle daemon, memory',
  tac8: inMiB(ours),
  rival: `Node that only waits: ${inMiB(theirs)}`,
  ratio: quotient(ours, theirs),
  bound: `< ${inMiB(MEMORY_BOUND)}`,
  holds: ours < MEMORY_BOUND,
  how: 'VmRSS after two polls without work',
});

const cpuRow = (ours: number, theirs: number): Row => ({
  what: 'idle daemon, processor',
  tac8: `${ours.toFixed(3)} % of a core`,
  rival: `Node that only waits: ${theirs.toFixed(3)} %`,
  ratio: '–',
  bound: `< ${CPU_BOUND} % of a core`,
  holds: ours < CPU_BOUND,
  how: `time on a processor of all threads (schedstat) over ${WATCHED_SECONDS} s between two polls`,
});
