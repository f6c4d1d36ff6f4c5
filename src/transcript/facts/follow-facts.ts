import type { Stats } from 'node:fs';
import { parseLine } from '../../agents/line.ts';
import type { StreamFacts } from '../../core/model/run.ts';
import type { Ms } from '../../core/model/seen.ts';
import { LogError, type LogLine, readLog, textOfLine } from '../read/read.ts';
import { readLogNow, statLog } from '../read/read-now.ts';
import { advance } from './facts.ts';

/**
 * Reads a log on from `facts.offset` and folds what is new. A line without a time counts as written when the file was
 * last written to, so that a daemon that comes back late does not take old words for new ones. Throws LogError.
 */
export type Follow = (path: string, facts: StreamFacts, now: Ms) => Promise<StreamFacts>;

type Seen = Pick<Stats, 'size' | 'ino' | 'dev'>;

interface Known {
  readonly facts: StreamFacts;
  /** As it was right before it was read; no more of it than is compared, as thousands of runs that have ended are remembered. */
  readonly seen: Seen;
}

/** So many logs are remembered; who comes back after that is read on from where the caller stands. */
const MOST = 2_000;
/** More than any agent says between two looks. A file of holes has it at once, and nothing else is looked at while it is read. */
const MOST_NEW = 2 * 1024 ** 3;

/**
 * For many logs, looked at again and again: one that has not grown costs one call. It may know more of a log than the caller has kept, and
 * goes on from there: what is said of the same lines is the same.
 */
export function createFollow(): Follow {
  const known = new Map<string, Known>();
  return async (path, facts, now) => {
    const before = known.get(path);
    const from = before !== undefined && before.facts.offset >= facts.offset ? before.facts : facts;
    const seen = statLog(path);
    if (before !== undefined && from === before.facts && isSame(before.seen, seen)) return from;
    if (seen.size - from.offset > MOST_NEW) {
      const gigabytes = Math.round((seen.size - from.offset) / 1024 ** 3);
      throw new LogError('unreadable', `${path} has grown by ${gigabytes} GiB since it was read: no agent says so much`);
    }
    let next = from;
    const take = (line: LogLine): void => {
      next = advance(next, parseLine(textOfLine(line)), line.size, Math.min(now, line.writtenAt));
    };
    if (!readLogNow(path, from.offset, take)) await readLog(path, from.offset, take);
    known.delete(path);
    known.set(path, { facts: next, seen: { size: seen.size, ino: seen.ino, dev: seen.dev } });
    for (const oldest of known.keys()) {
      if (known.size <= MOST) break;
      known.delete(oldest);
    }
    return next;
  };
}

/** A log is only ever added to: with the same length it says the same. */
const isSame = (one: Seen, two: Seen): boolean => one.size === two.size && one.ino === two.ino && one.dev === two.dev;
