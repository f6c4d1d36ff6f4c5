import type { StreamFacts } from '../core/run.ts';
import type { Ms } from '../core/seen.ts';
import { advance } from './facts.ts';
import { parseLine } from './line.ts';
import { readLog, textOfLine } from './read.ts';

/**
 * Reads a log on from `facts.offset` and folds what is new. A line without a time counts as written when the file was
 * last written to, so that a daemon that comes back late does not take old words for new ones. Throws LogError.
 */
export async function followLog(path: string, facts: StreamFacts, now: Ms): Promise<StreamFacts> {
  let next = facts;
  await readLog(path, facts.offset, (line) => {
    next = advance(next, parseLine(textOfLine(line)), line.size, Math.min(now, line.writtenAt));
  });
  return next;
}
