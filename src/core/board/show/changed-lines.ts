import type { BoardLine } from '../text/view.ts';

/** Lines of a view that are others now: from `from` to `to` before, from `newFrom` to `newTo` now. */
export interface LinesChange {
  readonly from: number;
  readonly to: number;
  readonly newFrom: number;
  readonly newTo: number;
}

/** A line that moved is found again where so many at most came or went at one place. */
const AHEAD = 64;
const MOST = 64;

/** What differs, where the very same lines are the same; null: too much. */
export function changedLines(before: readonly BoardLine[], now: readonly BoardLine[]): readonly LinesChange[] | null {
  let after = 0;
  const most = Math.min(before.length, now.length);
  while (after < most && before[before.length - 1 - after] === now[now.length - 1 - after]) after += 1;
  const [end, newEnd] = [before.length - after, now.length - after];
  const changes: LinesChange[] = [];
  let [from, newFrom] = [0, 0];
  while (changes.length <= MOST) {
    while (from < end && newFrom < newEnd && before[from] === now[newFrom]) {
      from += 1;
      newFrom += 1;
    }
    if (from === end && newFrom === newEnd) return changes;
    const [to, newTo] = meetAgain(before, from, end, now, newFrom, newEnd) ?? [end, newEnd];
    changes.push({ from, to, newFrom, newTo });
    [from, newFrom] = [to, newTo];
  }
  return null;
}

/** The nearest two places from which both go on with the same line. */
function meetAgain(
  before: readonly BoardLine[],
  from: number,
  end: number,
  now: readonly BoardLine[],
  newFrom: number,
  newEnd: number,
): readonly [number, number] | null {
  const places = new Map<BoardLine, number>();
  for (let at = newFrom; at < Math.min(newEnd, newFrom + AHEAD); at += 1) {
    const line = now[at];
    if (line !== undefined) places.set(line, at);
  }
  let best: readonly [number, number] | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (let at = from; at < Math.min(end, from + AHEAD); at += 1) {
    const line = before[at];
    const other = line === undefined ? undefined : places.get(line);
    if (other === undefined || at + other >= least) continue;
    best = [at, other];
    least = at + other;
  }
  return best;
}
