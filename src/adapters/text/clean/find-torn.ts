import type { Finder } from './finder.ts';
import type { Edit } from './syntax/edits.ts';
import type { Piece } from './syntax/events.ts';

const WHOLE = new Set(['codeText', 'htmlText', 'link', 'image', 'autolink', 'codeFenced', 'codeIndented', 'htmlFlow', 'definition']);
const BLOCKS = new Set(['content', 'table', 'atxHeading', 'setextHeading']);
/** What could have begun something that does not show. */
const OPENER = /<[a-zA-Z!?/]|\]\(|!\[|\]:|\$[^$]{0,2000}\\/;

/** Of a text that was cut: what hid words until its end was cut off, and now does not. */
export function findTorn(source: string): Finder {
  const whole: Piece[] = [];
  let last: Piece | null = null;
  return {
    enter(piece) {
      if (WHOLE.has(piece.type)) whole.push(piece);
      if (BLOCKS.has(piece.type)) last = piece;
    },
    exit: () => undefined,
    edits() {
      const masked = mask(source, whole);
      // Names of definitions that are cut off.
      const found: Edit[] = [...masked.matchAll(/!\[[^\][]{0,1000}\](?:\[[^\][]{0,1000}\])?|(?<=\])\[[^\][]{1,1000}\]/g)].map(
        ({ 0: text, index }) => ({
          ...{ from: index, to: index + text.length, put: '', kind: 'alt texts' },
        }),
      );
      if (last === null || last.to < source.trimEnd().length) return found;
      const at = masked.slice(last.from).search(OPENER);
      return at === -1 ? found : [...found, { from: last.from + at, to: source.length, put: '', kind: 'comments' }];
    },
  };
}

function mask(source: string, ranges: readonly { readonly from: number; readonly to: number }[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { from, to } of ranges) {
    if (to <= at) continue;
    const begin = Math.max(from, at);
    parts.push(source.slice(at, begin), ' '.repeat(to - begin));
    at = to;
  }
  return parts.join('') + source.slice(at);
}
