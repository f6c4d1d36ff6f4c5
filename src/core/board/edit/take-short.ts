import type { BoardBase } from '../line/base.ts';
import {
  changeBetween,
  gapLines,
  gapsIn,
  isOfShown,
  movedBy,
  namesOneOf,
  newcomers,
  type Shown,
  standWaiting,
  withoutGaps,
} from '../line/shown.ts';
import { parseBoard } from '../text/parse.ts';
import type { TakenIn } from './taken-in.ts';

/** Lines that stay on either side of what is left out, so that whoever compares finds where he is. */
const MARGIN = 3;

/**
 * An edit taken in with the waiting lines left out that it does not touch. Null: it is to be taken in with the whole text, since something is
 * asked of all of it, or what is left out could matter.
 */
export function takeShort(
  shown: Shown,
  stored: BoardBase,
  file: string,
  least: number,
  whole: (stored: BoardBase, file: string) => TakenIn,
): TakenIn | null {
  if (stored.next !== undefined || stored.text !== shown.text || !isOfShown(shown, file)) return null;
  if (file.includes('<<<<<<< ') || file.includes('\u0000')) return null;
  const change = changeBetween(shown.text, file);
  const then = gapsIn(shown, change, [], MARGIN, least);
  if (then.length === 0) return null;
  const now = movedBy(then, change);
  const [before, after] = [withoutGaps(shown.text, then), withoutGaps(file, now)];
  const taken = whole({ ...stored, text: before }, after);
  if (taken.hold !== null || taken.notes.length > 0 || taken.intents.some(({ kind }) => kind === 'order')) return null;
  const names = taken.base.memory?.names ?? {};
  const docs = { before: parseBoard(before, stored.memory?.names), after: parseBoard(after, names) };
  const came = newcomers(docs.before, docs.after);
  const places = gapLines(after, now);
  if (came === null || namesOneOf(file, now, came) || !standWaiting(docs.after, places)) return null;
  const lineOf = (line: number): number => places.reduce((sum, { at, count }) => (line > at ? sum + count : sum), line);
  return {
    ...taken,
    intents: taken.intents.map((intent) => ('line' in intent ? { ...intent, line: lineOf(intent.line) } : intent)),
    problems: taken.problems.map((problem) => ({ ...problem, line: lineOf(problem.line) })),
    base: { ...taken.base, text: file === stored.text ? stored.text : file },
  };
}
