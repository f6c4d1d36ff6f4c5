import { readLog } from '../read/read.ts';
import { statLog } from '../read/read-now.ts';
import { createOutline, type Outline } from './outline.ts';

/** Outlines of the logs that somebody looks at, each kept while its log grows. */
export interface Outlines {
  /** Looks at so many bytes more of the log and answers what is known by then. Throws LogError. */
  readonly look: (path: string, bytes: number, signal: AbortSignal) => Promise<Outline & { readonly size: number }>;
}

interface Known {
  readonly ino: number;
  readonly outline: ReturnType<typeof createOutline>;
  /** Two who look at the same log take turns: each line is taken once. */
  turn: Promise<unknown>;
}

/** Some milliseconds of work: whoever opens the end of a log meanwhile, and the loop, wait no longer. */
const UNBROKEN = 384 * 1024;

export function createOutlines(most: number): Outlines {
  const known = new Map<string, Known>();
  const knownOf = (path: string): Known => {
    const { ino, size } = statLog(path);
    const before = known.get(path);
    // Another log under the same name, or one that was cut, is read from its beginning.
    const isSame = before !== undefined && before.ino === ino && before.outline.now().after <= size;
    const found = isSame ? before : { ino, outline: createOutline(), turn: Promise.resolve() };
    known.delete(path);
    known.set(path, found);
    for (const oldest of known.keys()) {
      if (known.size <= most) break;
      known.delete(oldest);
    }
    return found;
  };
  return {
    look: async (path, bytes, signal) => {
      const found = knownOf(path);
      const own = found.turn.then(async () => {
        const { take, now } = found.outline;
        const { after } = now();
        for (let window = bytes; ; window *= 8) {
          await readLog(path, after, take, { to: after + window, unbroken: UNBROKEN, signal });
          const { size } = statLog(path);
          // A line longer than all that was looked at would be met again for ever.
          if (now().after > after || after + window >= size) return { ...now(), size };
        }
      });
      found.turn = own.catch(() => undefined);
      return own;
    },
  };
}
