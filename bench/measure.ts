import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
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

/**
 * Measures several things in turns, so that a busy moment of the machine meets all of them alike.
 * Each is done once beforehand, uncounted, to warm the caches.
 */
export async function inTurns(rounds: number, ...runs: (() => Promise<number>)[]): Promise<Sample[]> {
  const measured = runs.map((): number[] => []);
  for (const run of runs) await run();
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, run] of runs.entries()) measured[index]?.push(await run());
  }
  return measured.map(sampleOf);
}

export interface CommandOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs a command to its end; answers the milliseconds that it took. Throws unless it ends with 0 within a minute. */
export function timeCommand(argv: readonly [string, ...string[]], options: CommandOptions): Promise<number> {
  const [program, ...args] = argv;
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'], timeout: 60_000, killSignal: 'SIGKILL' });
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => {
      complaint += chunk.toString();
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      const took = performance.now() - started;
      if (code === 0) resolve(took);
      else reject(new Error(`${argv.join(' ')} ended with ${signal ?? code}: ${complaint.trim()}`));
    });
  });
}

/** Bytes of memory that the process holds now, as the kernel counts them (VmRSS). */
export function residentBytes(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (!found) throw new Error(`/proc/${pid}/status says nothing of VmRSS: is the process gone?`);
  return Number(found[1]) * 1024;
}

/** Nanoseconds on a processor so far, all threads, children apart. */
export function cpuNanoseconds(pid: number): bigint {
  // Ticks in /proc/PID/stat are 10 ms, more than an idle daemon uses: the scheduler's own count is exact, but per thread.
  const tasks = readTasks(pid);
  return tasks.reduce((sum, text) => sum + BigInt(text.split(' ')[0] ?? '0'), 0n);
}

function readTasks(pid: number): string[] {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8'));
}

/** Waits until the process has used less than a millisecond of processor time in a quarter of a second. */
export async function untilQuiet(pid: number, limitMs = 30_000): Promise<void> {
  const end = performance.now() + limitMs;
  for (let before = cpuNanoseconds(pid); performance.now() < end; ) {
    await sleep(250);
    const after = cpuNanoseconds(pid);
    if (after - before < 1_000_000n) return;
    before = after;
  }
  throw new Error(`process ${pid} did not become quiet within ${limitMs} ms`);
}
