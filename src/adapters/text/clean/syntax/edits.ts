/** A stretch of a text, and what stands there afterwards. `kind` null: nothing that a person should hear of. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly put: string;
  readonly kind: Hidden | null;
}

export type Range = readonly [from: number, to: number];

/** What does not show on the forge's page, by the words that the prompt has for it. */
export type Hidden =
  | 'comments'
  | 'elements'
  | 'attributes'
  | 'alt texts'
  | 'link titles'
  | 'links without a text'
  | 'definitions'
  | 'footnotes'
  | 'table cells'
  | 'info strings'
  | 'formulas'
  | 'notes in diagrams'
  | 'invisible characters';

/** The edits that count, in their order: one within a larger one is none. Of those that begin at the same place the larger one. */
export function outermost(edits: readonly Edit[]): readonly Edit[] {
  const sorted = [...edits].sort((a, b) => a.from - b.from || b.to - a.to);
  const kept: Edit[] = [];
  let end = 0;
  for (const edit of sorted) {
    if (edit.from < end) {
      const last = kept.at(-1);
      // Two that overlap without one holding the other: all of both goes.
      if (last !== undefined && edit.to > end) kept[kept.length - 1] = { ...last, to: edit.to };
      end = Math.max(end, edit.to);
      continue;
    }
    kept.push(edit);
    end = edit.to;
  }
  return kept;
}

/** The text after `edits`, which must be `outermost`. */
export function applied(text: string, edits: readonly Edit[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { from, to, put } of edits) {
    parts.push(text.slice(at, from), put);
    at = to;
  }
  parts.push(text.slice(at));
  return parts.join('');
}

/** Where `ranges` are once `edits` are applied; neither overlaps the other but for edits within a range. Both in order. */
export function moved(ranges: readonly Range[], edits: readonly Edit[]): readonly Range[] {
  let shift = 0;
  let next = 0;
  const place = (offset: number): number => {
    for (let edit = edits[next]; edit !== undefined && edit.to <= offset; edit = edits[++next])
      shift += edit.put.length - (edit.to - edit.from);
    return offset + shift;
  };
  return ranges.map(([from, to]) => [place(from), place(to)] as const);
}

/** Whether a stretch touches one of `ranges`, which are in order and apart. */
export function touches(ranges: readonly Range[], from: number, to: number): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.[1] ?? 0) <= from) low = middle + 1;
    else high = middle;
  }
  const found = ranges[low];
  return found !== undefined && found[0] < to;
}
