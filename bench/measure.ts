import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The same thing measured several times, smallest first. */
export interface Sample {
  readonly values: readonly number[];
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function sampleOf(measured: readonly number[]): Sample {
  const values = measured.toSorted((a, b) => a - b);
  const middle = values.length / 2;
  const low = values[Math.ceil(middle) - 1];
  const high = values[Math.floor(middle)];
  const [min, max] = [values[0], values.at(-1)];
  if (low === undefined || high === undefined || min === undefined || max === undefined) throw new Error('nothing was measured');
  return { values, median: (low + high) / 2, min, max };
}

/** The value below which that share of the sample lies. */
export const quantile = ({ values }: Sample, share: number): number =>
  values[Math.max(0, Math.ceil(values.length * share) - 1)] ?? Number.NaN;

export const inMs = ({ median, min, max }: Sample): string => `${median.toFixed(1)} ms (${min.toFixed(1)}–${max.toFixed(1)})`;

/**
 * Measures several things in turns, so that a busy moment of the machine meets all of them alike.
 * Each is done once beforehand, uncounted, to warm the caches.
 */
export async function inTurns<K extends string>(
  rounds: number,
  runs: Readonly<Record<K, () => Promise<number>>>,
): Promise<Record<K, Sample>> {
  const entries = Object.entries(runs) as [K, () => Promise<number>][];
  const measured = new Map<K, number[]>(entries.map(([name]) => [name, []]));
  for (const [, run] of entries) await run();
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of entries) measured.get(name)?.push(await run());
  }
  return Object.fromEntries(entries.map(([name]) => [name, sampleOf(measured.get(name) ?? [])])) as Record<K, Sample>;
}

export interface CommandOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where its output goes; nowhere by default. */
  readonly output?: string;
  readonly limitMs?: number;
}

/** Milliseconds from start to exit, and on processors, children that were waited for included. */
export interface Spent {
  readonly wall: number;
  readonly cpu: number;
}

/** bash tells to the millisecond what a command and all its children used; Node tells nothing of children. */
const TIMED = 'TIMEFORMAT="%3R %3U %3S"; said=$1; out=$2; shift 2; { time "$@" >"$out" 2>"$said.err"; } 2>"$said"';

/** Runs a command to its end. Throws with what it said on stderr unless it ends with 0 in time. */
export async function runTimed(
  argv: readonly string[],
  { cwd, env, output = '/dev/null', limitMs = 60_000 }: CommandOptions,
): Promise<Spent> {
  const said = join(tmpdir(), `tac8-bench-time-${randomUUID()}`);
  const child = spawn('bash', ['-c', TIMED, 'bash', said, output, ...argv], {
    cwd,
    env,
    stdio: 'ignore',
    timeout: limitMs,
    detached: true,
  });
  try {
    const code = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (status, signal) => resolve(status ?? signal));
    });
    if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${readFileSync(`${said}.err`, 'utf8').trim()}`);
    const [wall = 0, user = 0, system = 0] = readFileSync(said, 'utf8').trim().split(' ').map(Number);
    return { wall: wall * 1000, cpu: (user + system) * 1000 };
  } finally {
    rmSync(said, { force: true });
    rmSync(`${said}.err`, { force: true });
  }
}

/** Bytes of memory that the process holds now, as the kernel counts them (VmRSS). */
export function residentBytes(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (!found) throw new Error(`/proc/${pid}/status says nothing of VmRSS: is the process gone?`);
  return Number(found[1]) * 1024;
}

/** Milliseconds on a processor so far, all threads, children apart. The scheduler's own count: /proc/PID/stat counts in steps of 10 ms. */
export function cpuOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => sum + threadCpu(`/proc/${pid}/task/${thread}/schedstat`), 0);
}

function threadCpu(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    // A thread that has just ended.
    return 0;
  }
}

/** The same of the main thread alone: what the loop itself does. */
export const mainThreadCpu = (pid: number): number => threadCpu(`/proc/${pid}/task/${pid}/schedstat`);

/** Milliseconds of the children that it has waited for, in steps of 10. */
export function childrenCpu(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

/** Bytes sent towards the disk so far, of the process and of children that it has waited for. */
export function writtenBytes(pid: number): number {
  const found = /^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'));
  return Number(found?.[1] ?? Number.NaN);
}

/** Waits until the process has used less than a millisecond of processor time in a quarter of a second. */
export async function untilQuiet(pid: number, limitMs = 30_000): Promise<void> {
  const end = performance.now() + limitMs;
  for (let before = cpuOf(pid); performance.now() < end; ) {
    await sleep(250);
    const after = cpuOf(pid);
    if (after - before < 1) return;
    before = after;
  }
  throw new Error(`process ${pid} did not become quiet within ${limitMs} ms`);
}

/** Looks until there is something to see. */
export async function until<T>(what: string, look: () => T | Promise<T>, { limitMs = 120_000, every = 100 } = {}): Promise<NonNullable<T>> {
  for (const end = performance.now() + limitMs; performance.now() < end; await sleep(every)) {
    const found = await look();
    if (found) return found;
  }
  throw new Error(`not within ${limitMs / 1000} s: ${what}`);
}
