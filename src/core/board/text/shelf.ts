import { deltaOf, patched, type TextDelta } from './delta.ts';
import { ownCopy } from './own-copy.ts';

/** A text that is kept for a while: whole, or as what differs from one that is kept whole. */
export type KeptText = { readonly whole: string } | { readonly of: string; readonly delta: TextDelta };

/** Keeps versions of one long text, of which most differ from each other by a line or two. */
export interface Shelf {
  /** `among`: so many are kept already. A few may each be whole: to tell one by another takes time. */
  keep(text: string, among: number): KeptText;
}

const FEW = 3;
/** Shorter ones are not worth it. */
const LONG = 4 * 1024;

export function openShelf(): Shelf {
  let newest = '';
  return {
    keep(text, among) {
      const delta = among < FEW || text.length < LONG ? null : deltaOf(newest, text);
      if (delta !== null) return { of: newest, delta: alone(delta) };
      newest = text;
      return { whole: text };
    },
  };
}

export function keptText(kept: KeptText): string {
  if ('whole' in kept) return kept.whole;
  const text = patched(kept.of, kept.delta);
  if (text === null) throw new Error('a version of the board was kept as what differs from another one, and does not fit that one');
  return text;
}

/** Its pieces in memory of their own: cut out of a text they would keep all of it. */
function alone({ head, piece, more = [], ...rest }: TextDelta): TextDelta {
  return { ...rest, head: ownCopy(head), piece: ownCopy(piece), more: more.map((hunk) => ({ ...hunk, piece: ownCopy(hunk.piece) })) };
}
