import type { Finder } from './finder.ts';
import { type Assembly, assemble } from './syntax/assembled.ts';
import type { Edit } from './syntax/edits.ts';
import { hiddenMarkup } from './syntax/html.ts';
import { isInvisibleReference, showsNothing } from './syntax/invisible.ts';

interface Tag extends Pick<Edit, 'from' | 'to'> {
  readonly name: string;
  readonly isEnd: boolean;
}
const TAG = /<(\/?)(a|rp|rt|ruby)(?=[\s/>])[^<>]{0,2000}>/gi;

/** What stands between two tags and does not show: the parentheses of a ruby, which every browser leaves out, and a link without a text. */
function betweenTags(source: string, tags: readonly Tag[]): readonly Edit[] {
  return tags.flatMap((tag, n): Edit[] => {
    if (tag.isEnd || (tag.name !== 'rp' && tag.name !== 'a')) return [];
    const next = tags[n + 1];
    const end = next?.from ?? source.indexOf('\n', tag.to);
    const to = end === -1 ? source.length : end;
    if (tag.name === 'rp') return [{ from: tag.from, to, put: '', kind: 'elements' }];
    const isEmpty = next?.name === 'a' && showsNothing(source.slice(tag.to, to));
    return isEmpty ? [{ from: tag.from, to, put: '<a>', kind: 'attributes' }] : [];
  });
}

/** Comments, attributes, elements that the page does not know; and entities of invisible characters. */
export function findHtml(source: string): Finder {
  const edits: Edit[] = [];
  const tags: Tag[] = [];
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
      for (const { 0: tag, 1: end, 2: name = '', index } of text.matchAll(TAG))
        tags.push({ ...place(index, index + tag.length), name: name.toLowerCase(), isEnd: end === '/' });
      for (const { from, to: end, put, kind } of markup) edits.push({ ...place(from, end), put, kind });
      if (open !== null)
        edits.push({ from: place(open.at, open.at).from, to: open.swallows ? source.length : to, put: '', kind: 'comments' });
      html = null;
    },
    edits: () => [...edits, ...betweenTags(source, tags)],
  };
}
