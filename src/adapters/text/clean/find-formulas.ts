import type { Finder } from './finder.ts';
import { type Edit, type Range, touches } from './syntax/edits.ts';
import type { Piece } from './syntax/events.ts';
import { formulasIn, hiddenInFormula } from './syntax/formulas.ts';

const LEAVES = new Set(['paragraph', 'atxHeadingText', 'setextHeadingText', 'tableContent']);

/** What does not show of formulas: `$…$`, `$$…$$` and code between dollars. */
export function findFormulas(source: string): Finder {
  const leaves: Piece[] = [];
  const codes: Piece[] = [];
  return {
    enter(piece) {
      if (LEAVES.has(piece.type)) leaves.push(piece);
      if (piece.type === 'codeText') codes.push(piece);
    },
    exit: () => undefined,
    edits(code) {
      const found: Edit[] = [];
      for (const { from, to } of codes)
        if (source[from - 1] === '$' && source[to] === '$') found.push(...hiddenInFormula(source, from, to));
      for (const leaf of leaves) {
        const block = source.slice(leaf.from, leaf.to);
        if (!block.includes('$')) continue;
        for (const [from, to] of formulasIn(block, (at) => touches(code, leaf.from + at, leaf.from + at + 1)))
          for (const edit of hiddenInFormula(source, leaf.from + from, leaf.from + to)) found.push(...without(edit, code));
      }
      return found;
    },
  };
}

/** Code within stays. */
function without(edit: Edit, code: readonly Range[]): readonly Edit[] {
  const parts: Edit[] = [];
  let at = edit.from;
  for (const [from, to] of code) {
    if (to <= at || from >= edit.to) continue;
    if (from > at) parts.push({ ...edit, from: at, to: from });
    at = to;
  }
  if (at < edit.to) parts.push({ ...edit, from: at });
  return parts;
}
