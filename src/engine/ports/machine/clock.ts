import type { Ms } from '../../../core/model/seen.ts';

export interface Clock {
  now(): Ms;
  /** How long the machine has been on, asleep or awake: goes on evenly whoever sets the clock. */
  steady(): Ms;
  /** Calls back once, at or after the time; answers a cancel. */
  at(time: Ms, wake: () => void): () => void;
  /** Processor time that this process has used; where nobody counts it, the time that passes. */
  spent(): Ms;
  /** In the machine's time zone: `2026-11-22 14:03:11`. */
  local(time: Ms): string;
  /** The last local midnight. */
  startOfDay(time: Ms): Ms;
}

/** Calls again and again, each time so long after the last; answers what ends it. */
export function every(clock: Pick<Clock, 'now' | 'at'>, ms: Ms, work: () => void): () => void {
  let cancel = (): void => undefined;
  const next = (): void => {
    cancel = clock.at(clock.now() + ms, () => {
      next();
      work();
    });
  };
  next();
  return () => cancel();
}
