import { isShownAddress } from './addresses.ts';
import type { Hidden } from './edits.ts';
import { isInvisibleReference, REFERENCE } from './invisible.ts';

/** A stretch of markup that does not show, and what stands in its place. */
export interface Markup {
  readonly from: number;
  readonly to: number;
  readonly put: string;
  readonly kind: Hidden | null;
}

/** What GitHub's page knows; any other element vanishes with its name, its text stays. */
const KNOWN = new Set(
  (
    'h1 h2 h3 h4 h5 h6 h7 h8 br b i strong em a pre code img tt div ins del sup sub p picture ol ul table thead tbody tfoot blockquote dl dt dd kbd q samp ' +
    'var hr ruby rt rp li tr td th s strike summary details caption figure figcaption abbr bdo cite dfn mark small source span time wbr'
  ).split(' '),
);
/** GitHub shows these as they are written, with all that is in them. */
const SHOWN_RAW = new Set('title textarea style xmp iframe noembed noframes script plaintext'.split(' '));
const ADDRESSES: Readonly<Record<string, string>> = { a: 'href', img: 'src', source: 'srcset' };

/** Something begins in the stretch and does not end in it. `swallows`: all that follows in the page belongs to it. */
interface Open {
  readonly at: number;
  readonly swallows: boolean;
}

/** The markup in a stretch of HTML as a browser reads it. */
export function hiddenMarkup(html: string): { readonly markup: readonly Markup[]; readonly open: Open | null } {
  const markup: Markup[] = [];
  let at = 0;
  const text = (to: number): void => {
    for (const { 0: whole, index } of html.slice(at, to).matchAll(REFERENCE))
      if (isInvisibleReference(whole))
        markup.push({ from: at + index, to: at + index + whole.length, put: '', kind: 'invisible characters' });
  };
  while (at < html.length) {
    const next = html.indexOf('<', at);
    text(next === -1 ? html.length : next);
    if (next === -1) break;
    const found = markupAt(html, next);
    if (found === null) {
      at = next + 1;
      continue;
    }
    if (found.to === -1) return { markup, open: { at: next, swallows: found.swallows } };
    if (found.put !== html.slice(next, found.to)) markup.push({ from: next, to: found.to, put: found.put, kind: found.kind });
    at = found.to;
  }
  return { markup, open: null };
}

interface Found extends Omit<Markup, 'from'> {
  /** -1: it has no end. What the page has next ends a tag, and a comment that is none; nothing ends a comment or a quote. */
  readonly to: number;
  readonly swallows: boolean;
}

/** Null: this `<` begins no markup. It is text. */
function markupAt(html: string, at: number): Found | null {
  const next = html[at + 1] ?? '';
  const comment = { put: '', kind: 'comments', swallows: html.startsWith('<!--', at) } as const;
  if (next === '!' || next === '?') return { ...comment, to: endOfComment(html, at) };
  const letter = next === '/' ? html[at + 2] : next;
  if (letter === undefined) return null;
  if (!/[a-zA-Z]/.test(letter)) return next === '/' ? { ...comment, to: endAt(html, '>', at + 2) } : null;
  const { to, name, address, quoted } = tagAt(html, at);
  if (to === -1) return { to, put: '', kind: 'attributes', swallows: quoted };
  if (SHOWN_RAW.has(name)) return { to, put: html.slice(at, to), kind: null, swallows: false };
  if (!KNOWN.has(name)) return { to, put: '', kind: 'elements', swallows: false };
  return { to, put: `<${next === '/' ? '/' : ''}${name}${address}>`, kind: 'attributes', swallows: false };
}

/** The larger of what a browser and what Markdown holds to be the comment. */
function endOfComment(html: string, at: number): number {
  if (html.startsWith('<!--', at)) return html.startsWith('<!-->', at) ? at + 5 : endAt(html, '-->', at + 3);
  if (html.startsWith('<![CDATA[', at)) return endAt(html, ']]>', at);
  return html[at + 1] === '?' ? endAt(html, '?>', at) : endAt(html, '>', at);
}

function endAt(html: string, end: string, from: number): number {
  const found = html.indexOf(end, from);
  return found === -1 ? -1 : found + end.length;
}

/** A quote counts behind an equals sign only, as in a browser. */
function tagAt(
  html: string,
  begin: number,
): { readonly to: number; readonly name: string; readonly address: string; readonly quoted: boolean } {
  let at = begin + (html[begin + 1] === '/' ? 2 : 1);
  const ends = (character: string): boolean => character === '>' || character === '/' || isSpace(character);
  const word = (stop: (character: string) => boolean): string => {
    const from = at;
    while (at < html.length && !stop(html[at] ?? '')) at++;
    return html.slice(from, at);
  };
  const name = word(ends).toLowerCase();
  const wanted = ADDRESSES[name];
  let address = '';
  while (at < html.length) {
    if (html[at] === '>') return { to: at + 1, name, address, quoted: false };
    if (html[at] === '/' || isSpace(html[at] ?? '')) {
      at++;
      continue;
    }
    const from = at;
    at++;
    const attribute = html[from] + word((character) => character === '=' || ends(character));
    word((character) => !isSpace(character));
    if (html[at] !== '=') continue;
    at++;
    word((character) => !isSpace(character));
    const quote = html[at];
    let value: string;
    if (quote === '"' || quote === "'") {
      const end = html.indexOf(quote, at + 1);
      if (end === -1) return { to: -1, name, address, quoted: true };
      value = html.slice(at + 1, end);
      at = end + 1;
    } else value = word((character) => character === '>' || isSpace(character));
    if (address === '' && attribute.toLowerCase() === wanted && !/[\s"<>`]/.test(value) && isShownAddress(value))
      address = ` ${wanted}="${value}"`;
  }
  return { to: -1, name, address, quoted: false };
}

const isSpace = (character: string): boolean =>
  character === ' ' || character === '\n' || character === '\t' || character === '\f' || character === '\r';
