import { commonEnd, commonStart } from './alike.ts';
import { versionOf } from './version.ts';

/** A text as what differs from another one: its beginning down to its version, and pieces among what it shares with the rest of the other. */
export interface TextDelta {
  readonly head: string;
  /** Of the other text, behind its own head: so much is taken over before the piece … */
  readonly before: number;
  readonly piece: string;
  /** … then so much is left out, so much taken over, and another piece put in, again and again … */
  readonly more?: readonly Hunk[];
  /** … and so much at its end. */
  readonly after: number;
}

export interface Hunk {
  readonly skip: number;
  readonly keep: number;
  readonly piece: string;
}

/** A text that differs by more than this part of itself is better told whole. */
const WORTH_IT = 0.25;
/** What a piece costs besides its words. */
const FRAME = 40;
/** A line that moved is found again where so many lines at most came or went at one place. */
const LINES_AHEAD = 64;

/** Null: it differs by too much. */
export function deltaOf(from: string, to: string): TextDelta | null {
  const [fromHead, toHead] = [headOf(from), headOf(to)];
  const after = commonEnd(from, to, Math.min(from.length - fromHead, to.length - toHead));
  const [fromEnd, toEnd] = [from.length - after, to.length - after];
  const most = to.length * WORTH_IT - toHead;
  const hunks: Hunk[] = [];
  let size = 0;
  for (let [f, t, skip] = [fromHead, toHead, 0]; size <= most; ) {
    const keep = commonStart(from.slice(f, fromEnd), to.slice(t, toEnd));
    const isEnd = f + keep === fromEnd || t + keep === toEnd;
    const met = isEnd ? null : meetAgain(from, f + keep, fromEnd, to, t + keep, toEnd);
    const [nextFrom, nextTo] = met ?? [fromEnd, toEnd];
    // Where the lines part, the one begun belongs to the piece.
    const piece = to.slice(t + keep, nextTo);
    hunks.push({ skip, keep, piece });
    size += piece.length + FRAME;
    if (met === null) break;
    skip = nextFrom - f - keep;
    [f, t] = [nextFrom, nextTo];
  }
  const [first, ...more] = hunks;
  if (first === undefined || size > most) return null;
  return { head: to.slice(0, toHead), before: first.keep, piece: first.piece, ...(more.length === 0 ? {} : { more }), after };
}

/** The next beginning of a line from where both go on alike; null: there is none near. */
function meetAgain(from: string, f: number, fromEnd: number, to: string, t: number, toEnd: number): readonly [number, number] | null {
  const [ours, theirs] = [linesAhead(from, f, fromEnd), linesAhead(to, t, toEnd)];
  const places = new Map(theirs.map(({ text }, at) => [text, at] as const).reverse());
  let best: { readonly at: readonly [number, number]; readonly cost: number } | null = null;
  for (const [at, { text, start }] of ours.entries()) {
    const other = places.get(text);
    const found = other === undefined ? undefined : theirs[other];
    if (other === undefined || found === undefined || (best !== null && best.cost <= at + other)) continue;
    best = { at: [start, found.start], cost: at + other };
  }
  return best?.at ?? null;
}

/** Whole lines from the one that holds this place; blank ones say nothing of where they belong. */
function linesAhead(text: string, from: number, end: number): { readonly text: string; readonly start: number }[] {
  const lines: { text: string; start: number }[] = [];
  let start = text.lastIndexOf('\n', from - 1) + 1;
  for (let count = 0; count < LINES_AHEAD && start < end; count += 1) {
    const stop = text.indexOf('\n', start) + 1;
    if (stop === 0 || stop > end) break;
    // The line that is begun cannot be gone back to.
    if (start >= from && stop - start > 2) lines.push({ text: text.slice(start, stop), start });
    start = stop;
  }
  return lines;
}

/** Null: it is not a difference to this text. */
export function patched(from: string, { head, before, piece, more = [], after }: TextDelta): string | null {
  let at = headOf(from);
  const end = from.length - after;
  const parts = [head];
  for (const hunk of [{ skip: 0, keep: before, piece }, ...more]) {
    at += hunk.skip;
    if (at + hunk.keep > end) return null;
    parts.push(from.slice(at, at + hunk.keep), hunk.piece);
    at += hunk.keep;
  }
  return end < 0 ? null : parts.join('') + from.slice(end);
}

/** Where the version ends. */
function headOf(text: string): number {
  const version = versionOf(text);
  return version === null ? 0 : text.indexOf(version) + version.length;
}
