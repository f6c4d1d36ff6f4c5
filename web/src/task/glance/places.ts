import type { Outline } from '../../link/contract.ts';

type Mark = Outline['marks'][number];

/** Where a byte of the log stands among its lines, from 0 to 1: all lines are equally wide, however long they are. */
export function shareOf({ milestones, lines, after }: Pick<Outline, 'milestones' | 'lines' | 'after'>, offset: number): number {
  const index = lastBefore(milestones, offset);
  const from = milestones[index];
  if (from === undefined || lines === 0) return 0;
  const to = milestones[index + 1] ?? { line: lines, offset: after };
  const within = to.offset > from.offset ? Math.min(1, (offset - from.offset) / (to.offset - from.offset)) : 0;
  return (from.line + within * (to.line - from.line)) / lines;
}

/** Which milestone is the last that begins no later; -1: none. By halving: it is asked for each of many thousand marks. */
function lastBefore(milestones: Outline['milestones'], offset: number): number {
  let [low, high] = [0, milestones.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((milestones[middle]?.offset ?? Number.POSITIVE_INFINITY) <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The line that is known to begin next to a share of the log. */
export function placeAt({ milestones, lines }: Pick<Outline, 'milestones' | 'lines'>, share: number): Outline['milestones'][number] | null {
  return milestones.findLast(({ line }) => line <= share * lines) ?? milestones[0] ?? null;
}

export interface Bucket {
  /** From 0 to 1, where it begins. */
  readonly from: number;
  readonly marks: readonly Mark[];
}

/** Marks that would stand upon each other, drawn as one. */
export function bucketsOf(outline: Outline, marks: readonly Mark[], many: number): readonly Bucket[] {
  const buckets = Map.groupBy(marks, ({ offset }) => Math.min(many - 1, Math.floor(shareOf(outline, offset) * many)));
  return [...buckets].map(([index, own]) => ({ from: index / many, marks: own })).sort((a, b) => a.from - b.from);
}

/** The next mark behind a place, and from the first one again behind the last. */
export function nextMark(marks: readonly Mark[], offset: number | null): Mark | null {
  const sorted = marks.toSorted((a, b) => a.offset - b.offset || a.part - b.part);
  return sorted.find((mark) => offset === null || mark.offset > offset) ?? sorted[0] ?? null;
}

/** What went wrong: errors, retries and limits, and edits and test runs that failed. */
export const isWrong = ({ kind, ok }: Mark): boolean => kind === 'error' || kind === 'limit' || ok === false;
