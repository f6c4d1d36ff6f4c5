import type { BoardMemory } from '../line/base.ts';
import {
  type Change,
  countOf,
  endOf,
  type Gap,
  gapLines,
  gapsIn,
  isOfShown,
  movedBy,
  namesOneOf,
  newcomers,
  type Shown,
  type Stretch,
  shifted,
  shownIn,
  standWaiting,
  startOf,
  withoutGaps,
} from '../line/shown.ts';
import { parseBoard } from '../text/parse.ts';
import type { BoardLine, BoardView } from '../text/view.ts';
import type { Applied } from './applied.ts';
import { changedLines, type LinesChange } from './changed-lines.ts';

/** More lines than these are not left in around each change. */
const WIDEST = 200;

interface Before {
  readonly shown: Shown;
  /** From the text that was shown to the one that is written into. */
  readonly change: Change;
}

/**
 * The view written into a text with the waiting lines left out that neither a person nor the view has touched. Null: it is to be written with
 * every line looked at. So many lines stay around each change that none that is left out could be the one to move.
 */
export function applyShort(
  { shown, change }: Before,
  view: BoardView,
  text: string,
  memory: BoardMemory,
  least: number,
  whole: (view: BoardView, text: string) => Applied,
): Applied | null {
  const changes = changedLines(shown.lines, view.lines);
  if (changes === null || !isOfShown(shown, text)) return null;
  const margin =
    3 + waitingIn(changes, shown.lines, view.lines) + linesIn(shown.text, change.from, change.to) + linesIn(text, change.from, change.end);
  if (margin > WIDEST) return null;
  const old = gapsIn(shown, change, changes, margin, least);
  if (old.length === 0) return null;
  const gaps = movedBy(old, change).map((gap) => ({ ...gap, rank: rankAfter(changes, gap.rank) }));
  const byRank = gaps.toSorted((a, b) => a.rank - b.rank);
  const rest = withoutGaps(text, gaps);
  const doc = parseBoard(rest, memory.names);
  if (!standWaiting(doc, gapLines(rest, gaps))) return null;
  const came = newcomers(parseBoard(withoutGaps(shown.text, old), memory.names), doc);
  const { strangers = [] } = memory;
  if (came === null || strangers.length > WIDEST || namesOneOf(text, gaps, [...came, ...strangers])) return null;
  const lines = withoutRanks(view.lines, byRank);
  const applied = whole({ ...view, lines }, rest);
  return putBack(applied, { gaps, byRank, text, lines, all: view.lines });
}

/** Waiting tasks among what came, went or changed. */
function waitingIn(changes: readonly LinesChange[], before: readonly BoardLine[], now: readonly BoardLine[]): number {
  const count = (lines: readonly BoardLine[], from: number, to: number): number => {
    let waiting = 0;
    for (let at = from; at < to; at += 1) if (lines[at]?.section === 'pending') waiting += 1;
    return waiting;
  };
  return changes.reduce((sum, { from, to, newFrom, newTo }) => sum + count(before, from, to) + count(now, newFrom, newTo), 0);
}

function linesIn(text: string, from: number, to: number): number {
  let count = 1;
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

const rankAfter = (changes: readonly LinesChange[], rank: number): number =>
  changes.reduce((sum, { from, to, newFrom, newTo }) => (to <= rank ? sum + (newTo - newFrom) - (to - from) : sum), rank);

function withoutRanks(lines: readonly BoardLine[], gaps: readonly Gap[]): readonly BoardLine[] {
  const parts: (readonly BoardLine[])[] = [];
  let from = 0;
  for (const gap of gaps) {
    parts.push(lines.slice(from, gap.rank));
    from = gap.rank + countOf(gap);
  }
  return [...parts, lines.slice(from)].flat();
}

interface LeftOut {
  /** As they lie in the text; `byRank`: as in the view. */
  readonly gaps: readonly Gap[];
  readonly byRank: readonly Gap[];
  readonly text: string;
  readonly lines: readonly BoardLine[];
  readonly all: readonly BoardLine[];
}

/** A gap where it belongs in what was written without any. */
interface Seam {
  readonly gap: Gap;
  readonly place: number;
}

/** Null: the lines around a gap do not stand together any more. */
function putBack(applied: Applied, { gaps, byRank, text, lines, all }: LeftOut): Applied | null {
  const seams: Seam[] = [];
  for (const gap of gaps) {
    const before = text.slice(text.lastIndexOf('\n', startOf(gap) - 2) + 1, startOf(gap));
    const behind = text.slice(endOf(gap), text.indexOf('\n', endOf(gap)) + 1);
    const found = `\n${applied.text}`.indexOf(`\n${before}${behind}`);
    if (found === -1) return null;
    seams.push({ gap, place: found + before.length });
  }
  seams.sort((a, b) => a.place - b.place);
  const parts: string[] = [];
  let from = 0;
  for (const { gap, place } of seams) {
    parts.push(applied.text.slice(from, place), text.slice(startOf(gap), endOf(gap)));
    from = place;
  }
  const result = [...parts, applied.text.slice(from)].join('');
  const reduced = shownIn(parseBoard(applied.text, applied.memory.names), lines, applied.text);
  if (reduced === null) return null;
  const stretches = reduced.stretches.map((stretch) => filled(stretch, seams, byRank));
  const isWhole = stretches.reduce((sum, { count }) => sum + count, 0) === gaps.length;
  return isWhole ? { ...applied, text: result, shown: { ...reduced, text: result, lines: all, stretches } } : null;
}

/** The stretch with the gaps in it put back, and how many those are. */
function filled({ rank, starts }: Stretch, seams: readonly Seam[], byRank: readonly Gap[]): Stretch & { readonly count: number } {
  const own = seams.filter(({ place }) => place > (starts[0] ?? 0) && place < (starts.at(-1) ?? 0));
  const before = seams.filter(({ place }) => place <= (starts[0] ?? 0));
  let shift = before.reduce((sum, { gap }) => sum + endOf(gap) - startOf(gap), 0);
  const result = new Int32Array(own.reduce((sum, { gap }) => sum + countOf(gap), starts.length));
  let [at, from] = [0, 0];
  const take = (places: Int32Array, by: number): void => {
    result.set(shifted(places, by), at);
    at += places.length;
  };
  for (const { gap, place } of own) {
    const to = starts.indexOf(place);
    if (to === -1) return { rank, starts, count: 0 };
    take(starts.subarray(from, to), shift);
    take(gap.starts.subarray(0, -1), place + shift - startOf(gap));
    shift += endOf(gap) - startOf(gap);
    from = to;
  }
  take(starts.subarray(from), shift);
  // Ranks count what was left out before them in the view.
  let full = rank;
  for (const gap of byRank) if (gap.rank <= full) full += countOf(gap);
  return { rank: full, starts: result, count: own.length };
}
