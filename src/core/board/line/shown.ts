import { commonEnd, commonStart } from '../text/alike.ts';
import type { HeadingNames } from '../text/heading.ts';
import { type BoardDoc, type BoardNode, copiesIn, type TaskNode } from '../text/parse.ts';
import { generationOf } from '../text/version.ts';
import type { BoardLine } from '../text/view.ts';
import { saysAll } from './refresh.ts';

/*
 * Of a long board nearly every line is a waiting task that stands there as it should. Whoever works on a text may leave such lines out, in the
 * text and in the view alike, and put them back afterwards: the outcome is the same, and the work in proportion to what changed.
 */

/** Waiting tasks that stand one after the other in a text and in a view, a line each that says all. */
export interface Stretch {
  /** Of the first one, in the view. */
  readonly rank: number;
  /** Where in the text each line starts, and where the last one ends. */
  readonly starts: Int32Array;
}

/** A text in which no task stands twice, and the view that it shows. */
export interface Shown {
  readonly text: string;
  readonly names: string;
  readonly lines: readonly BoardLine[];
  readonly stretches: readonly Stretch[];
}

/** A part of a stretch that is left out. */
export type Gap = Stretch;

/** Fewer lines are not worth leaving out. */
export const LONG = 256;

export const namesKey = (names: HeadingNames): string => JSON.stringify(names);

/** What the line with the time, and nothing else in most texts, holds. */
const STAMP = '**Last';

/** Whether a text came from the one that was shown, as far as its version tells; a line that could pass for the one with the time is looked at. */
export function isOfShown(shown: Shown, text: string): boolean {
  const generation = generationOf(shown.text);
  return generationOf(text) === generation && (generation !== null || !text.includes(STAMP));
}

/** Null: a task stands twice, or the line with the time does not stand above all tasks. */
export function shownIn(doc: BoardDoc, lines: readonly BoardLine[], text: string): Shown | null {
  const stretches = copiesIn(doc).size > 0 ? null : stretchesIn(doc, lines, text);
  return stretches === null ? null : { text, names: namesKey(doc.names), lines, stretches };
}

function stretchesIn({ nodes }: BoardDoc, lines: readonly BoardLine[], text: string): readonly Stretch[] | null {
  const ranks = new Map(lines.map(({ id }, rank) => [id as string, rank]));
  const found: Stretch[] = [];
  let current: { readonly rank: number; readonly starts: number[] } | null = null;
  let isStamped = false;
  let at = 0;
  const close = (): void => {
    if (current !== null && current.starts.length > 2) found.push({ rank: current.rank, starts: Int32Array.from(current.starts) });
    current = null;
  };
  for (const node of nodes) {
    const end = at + node.lines.reduce((sum, line) => sum + line.length, 0);
    const rank = node.kind === 'task' ? ranks.get(node.task.id ?? '') : undefined;
    const line = rank === undefined ? undefined : lines[rank];
    if (node.kind === 'stamp') isStamped = true;
    if (rank !== undefined && line !== undefined && isPlain(node, line)) {
      if (!isStamped && text.includes(STAMP)) return null;
      if (current !== null && rank !== current.rank + current.starts.length - 1) close();
      current ??= { rank, starts: [at] };
      current.starts.push(end);
    } else close();
    at = end;
  }
  close();
  return found;
}

/** A line that cannot be part of anything but itself, whatever stands above it, and that names its task as tac8 does. */
function isPlain(node: BoardNode, line: BoardLine): node is TaskNode {
  if (node.kind !== 'task' || node.section !== 'pending' || !saysAll(node, line)) return false;
  const [text = ''] = node.lines;
  return '[-*+'.includes(text.charAt(0)) && text.endsWith('\n') && text.includes(line.id);
}

/** The newest ones: what is kept of a text is as true as the text itself. */
const recent: Shown[] = [];
const KEPT = 2;

export function keepShown(shown: Shown): void {
  const rest = recent.filter(({ text }) => text !== shown.text).slice(0, KEPT - 1);
  recent.splice(0, recent.length, shown, ...rest);
}

export const shownAs = (text: string, names: HeadingNames): Shown | null =>
  recent.find((one) => one.text === text && one.names === namesKey(names)) ?? null;

/** The one that this text came from: most of it is the same. */
export function shownBefore(text: string, names: HeadingNames): { readonly shown: Shown; readonly change: Change } | null {
  for (const shown of recent) {
    if (shown.names !== namesKey(names)) continue;
    const change = changeBetween(shown.text, text);
    if (change.to - change.from < MOST_CHANGED && change.end - change.from < MOST_CHANGED) return { shown, change };
  }
  return null;
}

const MOST_CHANGED = 16_384;

/** From `from` to `to` a text was replaced by what stands from `from` to `end` in the other. */
export interface Change {
  readonly from: number;
  readonly to: number;
  readonly end: number;
}

export function changeBetween(one: string, two: string): Change {
  if (one === two) return { from: one.length, to: one.length, end: one.length };
  const from = commonStart(one, two);
  const after = commonEnd(one, two, Math.min(one.length, two.length) - from);
  return { from, to: one.length - after, end: two.length - after };
}

/** Ranks of a view that are no longer what they were, by where they stood. */
export interface Cut {
  readonly from: number;
  readonly to: number;
}

/**
 * The parts of the stretches that lie so many lines away from any change. Ranks and places are those of `shown`; `least`: shorter parts are not
 * worth it.
 */
export function gapsIn({ stretches }: Shown, change: Change, cuts: readonly Cut[], margin: number, least: number): readonly Gap[] {
  return stretches.flatMap(({ rank, starts }) => {
    const count = starts.length - 1;
    const first = lineAt(starts, change.from) - 1;
    const inText = first < count && (starts[0] ?? 0) <= change.to ? [{ from: first, to: lineAt(starts, change.to) + 1 }] : [];
    const inView = cuts.map(({ from, to }) => ({ from: from - rank, to: to - rank })).filter(({ from, to }) => to >= 0 && from <= count);
    const gaps: Gap[] = [];
    let begin = 0;
    for (const { from, to } of [...inText, ...inView, { from: count, to: count }].sort((a, b) => a.from - b.from)) {
      const [low, high] = [begin + margin, from - margin];
      if (high - low >= least) gaps.push({ rank: rank + low, starts: starts.subarray(low, high + 1) });
      begin = Math.max(begin, to);
    }
    return gaps;
  });
}

/** The line in which a place lies; one behind the last, or before the first, is the next one there would be. */
function lineAt(starts: Int32Array, place: number): number {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= place) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export const startOf = ({ starts }: Gap): number => starts[0] ?? 0;
export const endOf = ({ starts }: Gap): number => starts.at(-1) ?? 0;
export const countOf = ({ starts }: Gap): number => starts.length - 1;

/** The gaps where they lie in the text that came of a change. */
export function movedBy(gaps: readonly Gap[], { to, end }: Change): readonly Gap[] {
  const by = end - to;
  return by === 0 ? gaps : gaps.map((gap) => (startOf(gap) < to ? gap : { ...gap, starts: shifted(gap.starts, by) }));
}

/** The same places, so much further on. A loop: a call for each of ten thousand costs more than all else of a small edit. */
export function shifted(starts: Int32Array, by: number): Int32Array {
  if (by === 0) return starts;
  const moved = new Int32Array(starts.length);
  for (let at = 0; at < moved.length; at += 1) moved[at] = (starts[at] ?? 0) + by;
  return moved;
}

export function withoutGaps(text: string, gaps: readonly Gap[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const gap of gaps) {
    parts.push(text.slice(from, startOf(gap)));
    from = endOf(gap);
  }
  parts.push(text.slice(from));
  return parts.join('');
}

/** Whether one of these ids stands in what is left out. */
export const namesOneOf = (text: string, gaps: readonly Gap[], ids: readonly string[]): boolean =>
  ids.some((id) => gaps.some((gap) => names(text, id, startOf(gap), endOf(gap))));

function names(text: string, id: string, from: number, to: number): boolean {
  for (let at = text.indexOf(id, from); at !== -1 && at < to; at = text.indexOf(id, at + 1)) {
    const next = text.charCodeAt(at + id.length);
    if (!(next >= 0x30 && next <= 0x39)) return true;
  }
  return false;
}

/** Tasks that stand in a text and did not in the one before; null: so many that looking for each is no gain. */
export function newcomers(before: BoardDoc, now: BoardDoc): readonly string[] | null {
  const known = new Set(idsIn(before));
  const came = idsIn(now).filter((id) => !known.has(id));
  return came.length > MOST_NEW ? null : came;
}

const MOST_NEW = 24;
const idsIn = ({ nodes }: BoardDoc): string[] =>
  nodes.flatMap((node) => (node.kind === 'task' && node.task.id !== null ? [node.task.id as string] : []));

export interface GapLine {
  /** The number of the last line before it, in the text without it. */
  readonly at: number;
  readonly count: number;
}

/** Where the gaps are in the text without them. */
export function gapLines(text: string, gaps: readonly Gap[]): readonly GapLine[] {
  let [at, from, left] = [0, 0, 0];
  return gaps.map((gap) => {
    const place = startOf(gap) - left;
    for (let next = text.indexOf('\n', from) + 1; next > 0 && next <= place; next = text.indexOf('\n', from) + 1) {
      from = next;
      at += 1;
    }
    left += endOf(gap) - startOf(gap);
    return { at, count: countOf(gap) };
  });
}

/** The lines around each gap are waiting tasks, so what lies between them is, too: nothing in it could end a comment or a section. */
export function standWaiting({ nodes }: BoardDoc, places: readonly GapLine[]): boolean {
  const waiting = new Set(nodes.flatMap((node) => (node.kind === 'task' && node.section === 'pending' ? [node.at] : [])));
  return places.every(({ at }) => waiting.has(at) && waiting.has(at + 1));
}
