import { findCode } from './find-code.ts';
import { findFootnotesAndCells } from './find-footnotes.ts';
import { findFormulas } from './find-formulas.ts';
import { findHtml } from './find-html.ts';
import { findLinks } from './find-links.ts';
import { findTorn } from './find-torn.ts';
import { applied, type Edit, type Hidden, moved, outermost, type Range, touches } from './syntax/edits.ts';
import { type Piece, readMarkdown } from './syntax/events.ts';
import { invisibleEdits, showsNothing } from './syntax/invisible.ts';

export interface Cleaned {
  readonly text: string;
  /** What was taken out. */
  readonly taken: readonly Hidden[];
}

/** Taking something out may put a comment together, which no page ever showed as one. More rounds than anyone needs. */
const ROUNDS = 6;

/**
 * A text as it shows on the forge's page: what does not show is cut out of its source, the rest stays byte for byte. `isTorn`: its end
 * was cut off. Null: it never comes to rest.
 */
export function cleanText(text: string, isTorn: boolean): Cleaned | null {
  const first = look(text, isTorn);
  const taken = new Set(first.edits.flatMap(({ kind }) => kind ?? []));
  let clean = applied(text, first.edits);
  let code = moved(first.code, first.edits);
  for (let round = 0; round < ROUNDS; round++) {
    const kept = code;
    const edits = outermost(newComments(clean).filter(({ from, to }) => !touches(kept, from, to)));
    if (edits.length === 0) return { text: clean.trim() === '' ? '' : clean.replace(/^(?:[ \t]*\n)+/, '').trimEnd(), taken: [...taken] };
    code = moved(code, edits);
    clean = applied(clean, edits);
  }
  return null;
}

function look(text: string, isTorn: boolean): { readonly edits: readonly Edit[]; readonly code: readonly Range[] } {
  const inCode = findCode(text);
  const links = findLinks(text);
  const finders = [inCode, links, findHtml(text), findFootnotesAndCells(), findFormulas(text), ...(isTorn ? [findTorn(text)] : [])];
  readMarkdown(text)({
    enter: (piece) => {
      for (const finder of finders) finder.enter(piece);
    },
    exit: (piece) => {
      for (const finder of finders) finder.exit(piece);
    },
  });
  const code = inCode.ranges();
  const edits = outermost([...finders.flatMap((finder) => finder.edits(code)), ...invisibleEdits(text, code)]);
  return { edits: outermost([...edits, ...emptyLinks(text, links.links(), edits)]), code };
}

/** A link that has no text does not show, nor does its address. */
function emptyLinks(
  text: string,
  links: readonly { readonly whole: Piece; readonly label: Piece }[],
  edits: readonly Edit[],
): readonly Edit[] {
  let next = 0;
  return [...links]
    .sort((a, b) => a.whole.from - b.whole.from)
    .flatMap(({ whole, label }) => {
      while ((edits[next]?.to ?? Number.POSITIVE_INFINITY) <= label.from && (edits[next]?.from ?? 0) < label.from) next++;
      const inside: Edit[] = [];
      for (let at = next; (edits[at]?.from ?? Number.POSITIVE_INFINITY) < label.to; at++) inside.push(...edits.slice(at, at + 1));
      const within = inside.filter(({ from, to }) => from >= label.from && to <= label.to);
      const rest = applied(
        text.slice(label.from, label.to),
        within.map((edit) => ({ ...edit, from: edit.from - label.from, to: edit.to - label.from })),
      );
      return showsNothing(rest) ? [{ from: whole.from, to: whole.to, put: '', kind: 'links without a text' as const }] : [];
    });
}

/** Comments and what is taken for one; nothing else that a further look may find was hidden before. */
function newComments(text: string): readonly Edit[] {
  if (!/<[!?]/.test(text)) return [];
  const html = findHtml(text);
  readMarkdown(text)(html);
  return html.edits([]).filter(({ kind }) => kind === 'comments');
}
