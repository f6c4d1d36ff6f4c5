import type { Ms } from '../../../src/core/model/seen.ts';

/** Simulated time. Two clocks, as on a machine: one that only runs on, and the one on the wall, which may jump. */
export interface Timeline {
  /** Milliseconds since the simulation began. */
  mono(): Ms;
  /** Since the epoch, by the wall clock. */
  wall(): Ms;
  /** Calls back once `mono` has come to the time; answers a cancel. */
  at(time: Ms, fire: () => void): () => void;
  after(delay: Ms, fire: () => void): () => void;
  /** The wall clock is set on (or back). */
  jump(by: Ms): void;
  /** When the next thing happens. */
  next(): Ms;
  /** Lets the next thing happen, and everything that follows from it without waiting. False: nothing is left. */
  step(): Promise<boolean>;
}

interface Entry {
  readonly time: Ms;
  readonly order: number;
  fire: (() => void) | null;
}

export function createTimeline(startsAt: Ms): Timeline {
  const heap: Entry[] = [];
  let now: Ms = 0;
  let offset = startsAt;
  let order = 0;

  const at = (time: Ms, fire: () => void): (() => void) => {
    const entry: Entry = { time: Math.max(time, now), order: order++, fire };
    push(heap, entry);
    return () => {
      entry.fire = null;
    };
  };
  return {
    mono: () => now,
    wall: () => now + offset,
    at,
    after: (delay, fire) => at(now + delay, fire),
    jump: (by) => {
      offset += by;
    },
    next() {
      while (heap[0]?.fire === null) pop(heap);
      return heap[0]?.time ?? now;
    },
    async step() {
      for (let entry = pop(heap); entry !== undefined; entry = pop(heap)) {
        if (entry.fire === null) continue;
        now = entry.time;
        entry.fire();
        await drained();
        return true;
      }
      return false;
    },
  };
}

/** A turn of the real event loop: before it, every promise that can go on has gone on. */
const drained = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const before = (a: Entry, b: Entry): boolean => a.time < b.time || (a.time === b.time && a.order < b.order);

function push(heap: Entry[], entry: Entry): void {
  let at = heap.push(entry) - 1;
  while (at > 0) {
    const up = (at - 1) >> 1;
    const parent = heap[up];
    if (parent === undefined || before(parent, entry)) break;
    heap[at] = parent;
    at = up;
  }
  heap[at] = entry;
}

function pop(heap: Entry[]): Entry | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (top === undefined || last === undefined || last === top) return top;
  let at = 0;
  for (;;) {
    let down = 2 * at + 1;
    const right = heap[down + 1];
    let child = heap[down];
    if (child !== undefined && right !== undefined && before(right, child)) {
      child = right;
      down += 1;
    }
    if (child === undefined || before(last, child)) break;
    heap[at] = child;
    at = down;
  }
  heap[at] = last;
  return top;
}
