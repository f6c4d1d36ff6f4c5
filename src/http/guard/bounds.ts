import type { Ms } from '../../core/model/seen.ts';

/** So many at once, and then so many a second. */
export interface Bucket {
  /** False: too many. */
  take(now: Ms): boolean;
}

export function createBucket(most: number, perSecond: number): Bucket {
  let left = most;
  let last = 0;
  return {
    take: (now) => {
      left = Math.min(most, left + (Math.max(0, now - last) / 1000) * perSecond);
      last = now;
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}

/** Room for so many at a time; others wait, but only so many. */
export interface Space {
  /** Null: it is full, and so is the queue. Else call the answer when it is done. */
  enter(): Promise<() => void> | null;
  /** As `enter`, without waiting. */
  enterNow(): (() => void) | null;
}

export function createSpace(atOnce: number, waiting: number): Space {
  let inside = 0;
  const queue: ((leave: () => void) => void)[] = [];
  const leave = (): (() => void) => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = queue.shift();
      if (next === undefined) inside -= 1;
      else next(leave());
    };
  };
  const enterNow = (): (() => void) | null => {
    if (inside >= atOnce) return null;
    inside += 1;
    return leave();
  };
  return {
    enterNow,
    enter: () => {
      const now = enterNow();
      if (now !== null) return Promise.resolve(now);
      if (queue.length >= waiting) return null;
      return new Promise((resolve) => queue.push(resolve));
    },
  };
}
