import { firstChar, INVISIBLE } from './syntax.ts';
import type { Section } from './view.ts';

/** A Markdown heading. `section` null: a person's own, what stands below is theirs. */
export interface Heading {
  readonly level: number;
  readonly section: Section | null;
  /** The heading's words in one form, to remember a renamed section by. */
  readonly words: string;
}

/** Sections that a person renamed (another language, another word): heading words → section. */
export type HeadingNames = Readonly<Record<string, Section>>;

export const SECTIONS: readonly Section[] = ['pending', 'active', 'completed', 'failed', 'blocked'];
const WORDS: Readonly<Record<string, Section>> = {
  pending: 'pending',
  active: 'active',
  completed: 'completed',
  'completed today': 'completed',
  failed: 'failed',
  blocked: 'blocked',
};

/** Lower case, without emoji, punctuation, closing `#`s and `(max 3)` or a count in brackets. */
export function headingWords(text: string): string {
  // To know every letter that there is takes longer than all the rest of a small board.
  const odd = /^[\x20-\x7e]*$/.test(text) ? /[^A-Za-z0-9]+/g : /[^\p{L}\p{N}\p{M}]+/gu;
  return text
    .replace(INVISIBLE, '')
    .replace(/(?<!\s)\s+#+\s*$/, '')
    .replace(/\([^()]*\)/g, ' ')
    .replace(odd, ' ')
    .trim()
    .toLowerCase();
}

const sectionOf = (words: string, names: HeadingNames): Section | null =>
  (Object.hasOwn(WORDS, words) ? WORDS[words] : Object.hasOwn(names, words) ? names[words] : null) ?? null;

/** Reads `## Pending`; null for a line that is no heading. */
export function readHeading(line: string, names: HeadingNames): Heading | null {
  if (firstChar(line) !== '#') return null;
  const found = /^\ufeff? {0,3}(#{1,6})(?:[ \t](.*))?$/.exec(line.replace(/(?<![ \t\r\n])[ \t\r\n]+$/, ''));
  if (found === null) return null;
  const words = headingWords(found[2] ?? '');
  const level = found[1]?.length ?? 1;
  return { level, section: sectionOf(words, names), words };
}

const UNDERLINES = new Set('-=');

/** `Pending` over a line of dashes; only for our own words, as any other text over dashes may be just that. */
export function readUnderlined(line: string, below: string | undefined, names: HeadingNames): Heading | null {
  if (below === undefined || !UNDERLINES.has(firstChar(below)) || !/^ {0,3}(?:-{2,}|={2,})[ \t\r]*\n?$/.test(below)) return null;
  const words = headingWords(line);
  const section = sectionOf(words, names);
  return section === null ? null : { level: 2, section, words };
}
