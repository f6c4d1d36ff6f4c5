import type { Finder } from './finder.ts';
import { type Assembly, assemble } from './syntax/assembled.ts';
import type { Edit } from './syntax/edits.ts';
import { hiddenMarkup } from './syntax/html.ts';
import { isInvisibleReference } from './syntax/invisible.ts';

/** Comments, attributes, elements that the page does not know; and entities of invisible characters. */
export function findHtml(source: string): Finder {
  const edits: Edit[] = [];
  let html: Assembly | null = null;
  return {
    enter(piece) {
      const { type, from, to } = piece;
      if (type === 'htmlFlow' || type === 'htmlText') html = assemble();
      else if (type === 'htmlFlowData' || type === 'htmlTextData') html?.add(source, piece);
      else if (type === 'lineEnding') html?.lineEnd(piece);
      else if (type === 'characterReference' && isInvisibleReference(piece.words()))
        edits.push({ from, to, put: '', kind: 'invisible characters' });
    },
    exit({ type, to }) {
      if ((type !== 'htmlFlow' && type !== 'htmlText') || html === null) return;
      const { text, place } = html.done();
      const { markup, open } = hiddenMarkup(text);
      for (const { from, to: end, put, kind } of markup) edits.push({ ...place(from, end), put, kind });
      if (open !== null)
        edits.push({ from: place(open.at, open.at).from, to: open.swallows ? source.length : to, put: '', kind: 'comments' });
      html = null;
    },
    edits: () => edits,
  };
}
