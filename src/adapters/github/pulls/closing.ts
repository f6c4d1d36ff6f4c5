/*
 * Which issues a pull closes by its text, as GitHub reads it: a closing word before the number of an issue of this very repository, in words that
 * show as words. What stands in code, in a comment or in a quote closes nothing.
 */

const WORD = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s{1,20}/gi;
/** `#7`, `GH-7`, `acme/widgets#7`, or the address of an issue. */
const REF =
  /(?:([\w.-]{1,100}\/[\w.-]{1,100})?#|GH-|https?:\/\/[\w.:-]{1,200}\/([\w.-]{1,100}\/[\w.-]{1,100})\/issues\/)(\d{1,15})(?![\w-])/iy;

/** `home`: this repository, as `owner/name`. */
export function closedBy(text: string, home: string): readonly number[] {
  if (!/clos|fix|resolv/i.test(text)) return [];
  const read = prose(text);
  const found = new Set<number>();
  for (const word of read.matchAll(WORD)) {
    REF.lastIndex = word.index + word[0].length;
    const [, short, long, number] = REF.exec(read) ?? [];
    const repo = short ?? long;
    if (number !== undefined && (repo === undefined || repo.toLowerCase() === home.toLowerCase())) found.add(Number(number));
  }
  return [...found];
}

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const QUOTE = /^ {0,3}>/;
const ITEM = /^\s*(?:[-*+]|\d{1,9}[.)])\s/;
/** What begins a block of its own is no further line of a quote. */
const BEGINS = /^ {0,3}(?:#{1,6}\s|[-*+]\s|\d{1,9}[.)]\s|`{3,}|~{3,})/;

/** The text without blocks of code, quotes, comments and code within lines. */
function prose(text: string): string {
  const kept: string[] = [];
  let fence: string | null = null;
  let isQuote = false;
  let isList = false;
  let isAfterBlank = true;
  for (const line of withoutComments(text).split(/\r\n?|\n/)) {
    const isBlank = line.trim() === '';
    const [, marks = ''] = FENCE.exec(line) ?? [];
    if (fence !== null) {
      if (marks.startsWith(fence) && line.trim() === marks) fence = null;
      kept.push('');
      continue;
    }
    isQuote = QUOTE.test(line) || (isQuote && !isBlank && !BEGINS.test(line));
    if (!isBlank && (ITEM.test(line) || !/^\s/.test(line))) isList = ITEM.test(line);
    const isCode: boolean = isAfterBlank && !isList && /^(?: {4}|\t)/.test(line);
    if (!isQuote && marks !== '') fence = marks;
    kept.push(isQuote || isCode || marks !== '' ? '' : line);
    isAfterBlank = isBlank || isCode;
  }
  return withoutSpans(kept.join('\n'));
}

function withoutComments(text: string): string {
  const [first = '', ...rest] = text.split('<!--');
  const behind = rest.map((part) => {
    const end = part.indexOf('-->');
    return end < 0 ? '' : part.slice(end + 3);
  });
  return [first, ...behind].join(' ');
}

/** A run of backticks ends at the next one that is as long; one without an end is no code. */
function withoutSpans(text: string): string {
  const runs = [...text.matchAll(/`+/g)].map(({ 0: marks, index }) => ({ length: marks.length, index }));
  const next = new Map<number, number>();
  const ends = runs.map(() => -1);
  for (let n = runs.length - 1; n >= 0; n -= 1) {
    const { length } = runs[n] ?? { length: 0 };
    ends[n] = next.get(length) ?? -1;
    next.set(length, n);
  }
  let out = '';
  let from = 0;
  for (let n = 0; n < runs.length; n += 1) {
    const end = runs[ends[n] ?? -1];
    const begin = runs[n];
    if (end === undefined || begin === undefined) continue;
    out += `${text.slice(from, begin.index)} `;
    from = end.index + end.length;
    n = ends[n] ?? n;
  }
  return out + text.slice(from);
}
