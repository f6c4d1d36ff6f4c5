import { cleanText } from './clean-text.ts';
import { applied, type Edit, outermost } from './syntax/edits.ts';
import { readMarkdown } from './syntax/events.ts';

const NO_WORDS: ReadonlySet<string> = new Set(['codeIndented', 'codeText', 'codeFenced', 'blockQuote']);

/** What the author of a text says in words of their own: what does not show is left out, as are code and what they quote. */
export function proseOf(text: string, isTorn: boolean): string {
  const clean = cleanText(text, isTorn)?.text ?? '';
  const cut: Edit[] = [];
  readMarkdown(clean)({
    enter({ type, from, to }) {
      if (NO_WORDS.has(type)) cut.push({ from, to, put: ' ', kind: null });
    },
    exit: () => undefined,
  });
  return applied(clean, outermost(cut));
}
