import { readLog } from '../read/read.ts';
import { statLog } from '../read/read-now.ts';
import { createOutline, type Kept, type Outline, type Outlining } from './outline.ts';

/** Outlines of the logs that somebody looks at, each kept while its log grows. */
export interface Outlines {
  /** Looks at so many bytes more of the log and answers what is known by then. Throws LogError. */
  readonly look: (path: string, bytes: number, signal: AbortSignal) => Promise<Outline & { readonly size: number }>;
}

/** Where outlines outlast the process. */
export interface Shelf {
  /** What is kept of this very log; null: nothing. */
  readonly take: (path: string) => Promise<Kept | null>;
  /** Never throws. */
  readonly put: (path: string, kept: Kept) => Promise<void>;
}

interface Known {
  readonly ino: number;
  outline: Outlining;
  /** So much of the log is on the shelf. */
  shelved: number;
  /** Two who look at the same log take turns: each line is taken once. */
  turn: Promise<unknown>;
}

/** Some milliseconds of work: whoever opens the end of a log meanwhile, and the loop, wait no longer. */
const UNBROKEN = 384 * 1024;
/** Put on the shelf whenever so much more was looked at: a seventh of a second of work. A log that is shorter is looked through as fast as read from there. */
export const WORTH_KEEPING = 16 * 1024 * 1024;

export function createOutlines(most: number, shelf: Shelf | null = null): Outlines {
  const known = new Map<string, Known>();
  const begin = (path: string, ino: number): Known => {
    const begun: Known = { ino, outline: createOutline(), shelved: 0, turn: Promise.resolve() };
    if (shelf !== null)
      begun.turn = shelf.take(path).then((kept) => {
        if (kept === null) return;
        begun.outline = createOutline(kept);
        begun.shelved = kept.after;
      });
    return begun;
  };
  const knownOf = (path: string): Known => {
    const { ino, size } = statLog(path);
    const before = known.get(path);
    // Another log under the same name, or one that was cut, is read from its beginning.
    const isSame = before !== undefined && before.ino === ino && before.outline.now().after <= size;
    const found = isSame ? before : begin(path, ino);
    known.delete(path);
    known.set(path, found);
    for (const oldest of known.keys()) {
      if (known.size <= most) break;
      known.delete(oldest);
    }
    return found;
  };
  const lookOn = async (path: string, found: Known, bytes: number, signal: AbortSignal): Promise<Outline & { readonly size: number }> => {
    const { take, now } = found.outline;
    const { after } = now();
    for (let window = bytes; ; window *= 8) {
      await readLog(path, after, take, { to: after + window, unbroken: UNBROKEN, signal });
      const { size } = statLog(path);
      // A line longer than all that was looked at would be met again for ever.
      if (now().after > after || after + window >= size) return { ...now(), size };
    }
  };
  return {
    look: (path, bytes, signal) => {
      const found = knownOf(path);
      const own = found.turn.then(async () => {
        try {
          return await lookOn(path, found, bytes, signal);
        } finally {
          // Also where it was broken off: what is done need not be done again.
          const { after } = found.outline.now();
          if (shelf !== null && after - found.shelved >= WORTH_KEEPING) {
            found.shelved = after;
            await shelf.put(path, found.outline.kept());
          }
        }
      });
      found.turn = own.catch(() => undefined);
      return own;
    },
  };
}
