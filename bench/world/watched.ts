import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuOf, mainThreadCpu, residentBytes, type Sample, sampleOf, writtenBytes } from '../measure.ts';
import type { Daemon, Metrics } from './world.ts';

/** What a daemon did in some seconds, seen from the outside. */
export interface Watched {
  readonly ticks: number;
  readonly seconds: number;
  /** Milliseconds of all threads. */
  readonly cpu: number;
  readonly written: number;
  /** The largest that was seen. */
  readonly resident: number;
  /** CPU ms of the main thread for each stretch in which it worked without a pause. */
  readonly stretches: Sample | null;
}

const LOOK_MS = 5;
/** A main thread that works less than that share of a look is waiting: what agents say wakes it for some microseconds each. */
const WORKING = 0.3;
/** So long without work ends a stretch; within a tick the loop waits for the disk alone. */
const PAUSE_MS = 25;

const ticksOf = (metrics: Metrics): number => metrics.get('tac8_tick_seconds_count') ?? Number.NaN;

export async function watchDaemon(daemon: Daemon, seconds: number): Promise<Watched> {
  const ticks = ticksOf(await daemon.metrics());
  // The answer above is no part of what is watched.
  await sleep(100);
  const [cpu, written, began] = [cpuOf(daemon.pid), writtenBytes(daemon.pid), performance.now()];
  const stretches: number[] = [];
  let resident = 0;
  let [last, lastAt, stretch, pause] = [mainThreadCpu(daemon.pid), began, 0, 0];
  while (performance.now() - began < seconds * 1000) {
    await sleep(LOOK_MS);
    const [now, at] = [mainThreadCpu(daemon.pid), performance.now()];
    const used = now - last;
    if (used > WORKING * (at - lastAt)) {
      stretch += used;
      pause = 0;
    } else {
      pause += at - lastAt;
      if (pause >= PAUSE_MS && stretch > 0) {
        stretches.push(stretch);
        stretch = 0;
      }
    }
    [last, lastAt] = [now, at];
    if (stretches.length % 4 === 0) resident = Math.max(resident, residentBytes(daemon.pid));
  }
  const elapsed = performance.now() - began;
  const used = { cpu: cpuOf(daemon.pid) - cpu, written: writtenBytes(daemon.pid) - written };
  // What is shorter than a fifth of the common ones is no tick: a timer, a collection, a connection.
  const common = stretches.length === 0 ? 0 : sampleOf(stretches).median;
  const whole = stretches.filter((one) => one > common / 5);
  return {
    ticks: ticksOf(await daemon.metrics()) - ticks,
    seconds: elapsed / 1000,
    ...used,
    resident,
    stretches: whole.length === 0 ? null : sampleOf(whole),
  };
}

/** System calls per tick of all threads, counted by strace over some seconds. */
export async function callsPerTick(daemon: Daemon, dir: string, seconds: number): Promise<number> {
  const output = join(dir, 'strace.txt');
  const child = spawn('strace', ['-c', '-f', '-qq', '-o', output, '-p', String(daemon.pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const ended = once(child, 'exit');
  await sleep(1_500);
  const before = ticksOf(await daemon.metrics());
  await sleep(seconds * 1000);
  const ticks = ticksOf(await daemon.metrics()) - before;
  child.kill('SIGINT');
  await ended;
  const total = / (\d+)(?: +\d+)? total$/m.exec(readFileSync(output, 'utf8'))?.[1];
  if (total === undefined) throw new Error(`strace counted nothing: ${complaint.trim()}`);
  // What it counted in the second and a half before, in proportion.
  return (Number(total) * (seconds / (seconds + 1.5))) / ticks;
}
