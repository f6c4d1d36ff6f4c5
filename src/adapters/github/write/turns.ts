import { setTimeout as sleep } from 'node:timers/promises';
import { PortError } from '../../../engine/ports/error.ts';

/** Runs what it is given one after the other, in the order in which it was given. */
export type Turns = <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>;

/**
 * GitHub asks that writes be made one at a time. Looking and writing go through as one piece of work, so that two
 * callers in this process cannot both look, find nothing, and both write.
 */
export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return (work, signal) => {
    const mine = last.then(() => {
      if (signal.aborted) throw leaving(signal.reason);
      return work();
    });
    // The next one waits for the end of this one, however it ends; the failure itself goes to its caller.
    last = mine.catch(() => undefined);
    return mine;
  };
}

/** Keeps `gapMs` between two calls of what it answers. */
export function createPace(gapMs: number, now: () => number, wait: Pause = pause): (signal: AbortSignal) => Promise<void> {
  let free = 0;
  return async (signal) => {
    // Never longer than one gap, also when the clock was set back meanwhile.
    const left = Math.min(free - now(), gapMs);
    if (left > 0) await wait(left, signal);
    free = now() + gapMs;
  };
}

/** Waits; throws a retryable PortError as soon as the signal says that the caller leaves. */
export type Pause = (ms: number, signal: AbortSignal | null) => Promise<void>;

/** By the machine's timers. */
export async function pause(ms: number, signal: AbortSignal | null): Promise<void> {
  try {
    await sleep(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    throw leaving(error);
  }
}

const leaving = (cause: unknown): PortError => new PortError('retryable', 'not sent to GitHub: the caller is leaving', { cause });
