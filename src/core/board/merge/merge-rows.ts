import { matchRows } from '../text/match.ts';

/** An item of the merged row: taken from which version, and its index there. */
export interface Place {
  readonly from: 'theirs' | 'ours';
  readonly at: number;
  /** Where all three rows hold it at this place: its index in the other two. */
  readonly base?: number;
  readonly theirs?: number;
}

export interface Rows {
  readonly base: readonly string[];
  readonly theirs: readonly string[];
  readonly ours: readonly string[];
}

interface Stretch {
  readonly base: readonly [number, number];
  readonly theirs: readonly [number, number];
  readonly ours: readonly [number, number];
}

/**
 * Three rows of keys into one. A stretch that only one side changed is taken from that side; where both changed, everything that
 * either put in stands, theirs first, and what either took out is gone.
 */
export function mergeRows(rows: Rows, toTheirs: Int32Array, toOurs: Int32Array): Place[] {
  const result: Place[] = [];
  let [b, t, o] = [0, 0, 0];
  for (let at = 0; at <= rows.base.length; at += 1) {
    const end = at === rows.base.length;
    const nextTheirs = end ? rows.theirs.length : (toTheirs[at] ?? -1);
    const nextOurs = end ? rows.ours.length : (toOurs[at] ?? -1);
    if (!end && (nextTheirs === -1 || nextOurs === -1)) continue;
    if (b < at || t < nextTheirs || o < nextOurs)
      mergeStretch(rows, { base: [b, at], theirs: [t, nextTheirs], ours: [o, nextOurs] }, toTheirs, toOurs, result);
    if (!end) result.push({ from: 'ours', at: nextOurs, base: at, theirs: nextTheirs });
    [b, t, o] = [at + 1, nextTheirs + 1, nextOurs + 1];
  }
  return result;
}

const sameKeys = (
  a: readonly string[],
  [a0, a1]: readonly [number, number],
  b: readonly string[],
  [b0, b1]: readonly [number, number],
): boolean => {
  if (a1 - a0 !== b1 - b0) return false;
  for (let i = 0; i < a1 - a0; i += 1) if (a[a0 + i] !== b[b0 + i]) return false;
  return true;
};

function mergeStretch(rows: Rows, span: Stretch, toTheirs: Int32Array, toOurs: Int32Array, result: Place[]): void {
  const take = (from: Place['from'], [start, end]: readonly [number, number]) => {
    for (let at = start; at < end; at += 1) result.push({ from, at });
  };
  if (sameKeys(rows.base, span.base, rows.theirs, span.theirs)) return take('ours', span.ours);
  if (sameKeys(rows.base, span.base, rows.ours, span.ours)) return take('theirs', span.theirs);
  if (sameKeys(rows.theirs, span.theirs, rows.ours, span.ours)) return take('ours', span.ours);
  const baseOfTheirs = inverse(toTheirs, span.base);
  const baseOfOurs = inverse(toOurs, span.base);
  // What both sides put in, in the same words, stands once.
  const added = (row: readonly string[], [start, end]: readonly [number, number], base: ReadonlyMap<number, number>): number[] =>
    Array.from({ length: end - start }, (_, i) => start + i).filter((at) => !base.has(at) && row[at] !== undefined);
  const newTheirs = added(rows.theirs, span.theirs, baseOfTheirs);
  const newOurs = added(rows.ours, span.ours, baseOfOurs);
  const pairs = matchRows(
    newOurs.map((at) => rows.ours[at] ?? ''),
    newTheirs.map((at) => rows.theirs[at] ?? ''),
  );
  const twin = new Map<number, number>();
  newOurs.forEach((at, i) => {
    const partner = newTheirs[pairs[i] ?? -1];
    if (partner !== undefined) twin.set(at, partner);
  });
  weave(span, { baseOfTheirs, baseOfOurs, toTheirs, toOurs, twin }, result);
}

interface Links {
  readonly baseOfTheirs: ReadonlyMap<number, number>;
  readonly baseOfOurs: ReadonlyMap<number, number>;
  readonly toTheirs: Int32Array;
  readonly toOurs: Int32Array;
  readonly twin: ReadonlyMap<number, number>;
}

/** Theirs without what ours took out, with what ours put in behind its predecessor. */
function weave(span: Stretch, links: Links, result: Place[]): void {
  const ourNew = new Map<number, number[]>();
  let predecessor = -1;
  for (let at = span.ours[0]; at < span.ours[1]; at += 1) {
    const base = links.baseOfOurs.get(at);
    const same = base === undefined ? links.twin.get(at) : links.toTheirs[base];
    if (same !== undefined && same !== -1) predecessor = same;
    else if (base === undefined) ourNew.set(predecessor, [...(ourNew.get(predecessor) ?? []), at]);
  }
  const held: number[] = [...(ourNew.get(-1) ?? [])];
  const flush = () => {
    for (const at of held.splice(0)) result.push({ from: 'ours', at });
  };
  for (let at = span.theirs[0]; at < span.theirs[1]; at += 1) {
    const base = links.baseOfTheirs.get(at);
    // A person's new lines come before ours at the same place; ours wait until the next line that both know.
    if (base !== undefined) flush();
    if (base === undefined || links.toOurs[base] !== -1) result.push({ from: 'theirs', at });
    held.push(...(ourNew.get(at) ?? []));
  }
  flush();
}

function inverse(pairs: Int32Array, [start, end]: readonly [number, number]): Map<number, number> {
  const found = new Map<number, number>();
  for (let at = start; at < end; at += 1) {
    const partner = pairs[at] ?? -1;
    if (partner !== -1) found.set(partner, at);
  }
  return found;
}
