import type { Finder } from './finder.ts';
import type { Edit } from './syntax/edits.ts';
import type { Piece } from './syntax/events.ts';

interface Footnote {
  readonly piece: Piece;
  name: string;
  readonly calls: string[];
}

/** A footnote shows when a text that shows calls it; of two with the same name the first. And cells beyond the head of their table. */
export function findFootnotesAndCells(): Finder {
  const notes: Footnote[] = [];
  const open: Footnote[] = [];
  const calls: string[] = [];
  const labels: Piece[] = [];
  const edits: Edit[] = [];
  let columns = 0;
  let cells = 0;
  /** How deep in what does not show: the text of a picture, a cell too many. */
  let hidden = 0;
  const isSurplus = (type: string): boolean => type === 'tableData' && cells > columns;
  return {
    enter(piece) {
      const { type, from, to } = piece;
      if (type === 'gfmFootnoteDefinitionLabelString' || type === 'gfmFootnoteCallString') labels.push(piece);
      if (type === 'gfmFootnoteDefinition') open.push({ piece, name: '', calls: [] });
      else if (type === 'gfmFootnoteDefinitionLabelString') name(open.at(-1), piece);
      else if (type === 'gfmFootnoteCallString' && hidden === 0) (open.at(-1)?.calls ?? calls).push(nameOf(piece));
      else if (type === 'image') hidden++;
      else if (type === 'table') columns = 0;
      else if (type === 'tableRow') cells = 0;
      else if (type === 'tableHeader') columns++;
      else if (type === 'tableData') cells++;
      if (!isSurplus(type)) return;
      hidden++;
      edits.push({ from, to, put: '', kind: 'table cells' });
    },
    exit({ type }) {
      if (type === 'gfmFootnoteDefinition') notes.push(...open.splice(-1));
      if (type === 'image' || isSurplus(type)) hidden--;
    },
    edits() {
      const shown = new Set<Footnote>();
      const byName = new Map<string, Footnote>();
      const inOrder = [...notes].sort((a, b) => a.piece.from - b.piece.from);
      for (const note of inOrder) if (!byName.has(note.name)) byName.set(note.name, note);
      for (let called: readonly string[] = calls; called.length > 0; ) {
        const next = [...new Set(called)].flatMap((each) => byName.get(each) ?? []).filter((note) => !shown.has(note));
        for (const note of next) shown.add(note);
        called = next.flatMap((note) => note.calls);
      }
      for (const note of inOrder)
        if (!shown.has(note)) edits.push({ from: note.piece.from, to: note.piece.to, put: '', kind: 'footnotes' });
      return [...edits, ...renamed(labels)];
    },
  };
}

/** A page shows a number in place of a footnote's name: what is more than a short word gets one here, too. */
function renamed(labels: readonly Piece[]): readonly Edit[] {
  const numbers = new Map<string, string>();
  const names = new Set(labels.map(nameOf));
  let next = 1;
  return labels.flatMap((piece): readonly Edit[] => {
    const name = nameOf(piece);
    if (/^\w{1,12}$/.test(name)) return [];
    while (!numbers.has(name) && names.has(String(next))) next += 1;
    const put = numbers.get(name) ?? String(next++);
    numbers.set(name, put);
    return [{ from: piece.from, to: piece.to, put, kind: 'footnotes' }];
  });
}

function name(note: Footnote | undefined, piece: Piece): void {
  if (note !== undefined) note.name = nameOf(piece);
}

const nameOf = (piece: Piece): string => piece.words().replace(/\s+/g, ' ').trim().toLowerCase();
