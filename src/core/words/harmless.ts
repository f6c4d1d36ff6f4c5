import { withoutInvisible } from './invisible.ts';
import { redactor } from './secrets.ts';

/*
 * Words of agents and strangers on their way to the forge. They are escaped, not cut: who reads the page reads them as they were
 * written, and they call nobody, refer to nothing, close no issue, load no picture, hide nothing and are no mark of tac8's.
 * What is code stays code, since the forge looks for none of that in it; but only where that is certain, whatever stands around.
 */

const LIMIT = 4000;
const redact = redactor([]);

/** Shows as nothing, and parts `@` from a name. As it is: in an address that becomes a link by itself, an entity would be read as it is written. */
const PART = '\u200b';

/** Several lines, for a body. */
export function harmless(text: string): string {
  const clean = withoutInvisible(redact(text).replace(/\r\n?/g, '\n'));
  const lines = (clean.length > LIMIT ? `${clean.slice(0, LIMIT).toWellFormed()}\n…` : clean).trim().split('\n');
  const out: string[] = [];
  let fence: Fence | null = null;
  for (const line of lines) {
    if (fence === null) {
      fence = fenceAt(line);
      // At the left margin it begins a block of its own, whatever stood before it.
      out.push(fence === null ? noOrder(inText(line)) : `${fence.marks}${fence.language}`);
    } else if (ends(fence, line)) {
      out.push(fence.marks);
      fence = null;
    } else out.push(noOrder(inCode(line.startsWith(fence.indent) ? line.slice(fence.indent.length) : line.trimStart())));
  }
  if (fence !== null) out.push(fence.marks);
  return out.join('\n');
}

/** In the message of a commit on the base branch, each of these keeps its builds from running. */
const SKIPS = /\[(?=(?:skip ci|ci skip|no ci|skip actions|actions skip)\])|\*{3}(?=NO_CI)/gi;

/** One line, for a title: it is no Markdown but for code, and becomes a commit's first line when the pull is merged. */
export function harmlessTitle(title: string): string {
  return withoutInvisible(redact(title))
    .replace(SKIPS, (mark) => `${mark}${PART}`)
    .replace(/@|#(?=\d)|GH-(?=\d)|\/(?:issues|pull|discussions)\/(?=\d)/gi, (mark) => `${mark}${PART}`);
}

const HOME = /(?<![\w/.~-])\/(?:home|Users)\/[^\s/'"`:;,()<>[\]]+|(?<![\w/.~-])\/root(?=\/)/g;

/** Without paths of the machine that tac8 runs on: what is below one of these folders is named from there, and a home is `~`. */
export function withoutPlaces(text: string, places: readonly string[]): string {
  const inner = [...places].filter((place) => place.length > 1).sort((a, b) => b.length - a.length);
  let out = text;
  for (const place of inner) {
    const path = place.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    out = out
      .replace(new RegExp(`(?<![\\w/.~-])${path}/(?=[^\\s/])`, 'g'), '')
      .replace(new RegExp(`(?<![\\w/.~-])${path}(?![\\w-])`, 'g'), '.');
  }
  return out.replace(HOME, '~');
}

interface Fence {
  readonly indent: string;
  readonly marks: string;
  readonly language: string;
}

/** What the forge draws is no code there: a picture may be loaded by it, or words hidden in it. A suggestion is a button. */
const DRAWN = new Set(['mermaid', 'math', 'geojson', 'topojson', 'stl', 'suggestion']);

/** Null: the line begins no block of code. */
function fenceAt(line: string): Fence | null {
  const [, indent = '', marks, info = ''] = /^([ \t]*)(`{3,}(?!`)|~{3,}(?!~))([^`]*)$/.exec(line) ?? [];
  if (marks === undefined) return null;
  const language = /^[ \t]*([\w+#.-]{1,20})(?:\s|$)/.exec(info)?.[1] ?? '';
  return { indent, marks, language: DRAWN.has(language.toLowerCase()) ? '' : language };
}

function ends({ marks }: Fence, line: string): boolean {
  const bare = line.trim();
  return bare.length >= marks.length && bare === (marks[0] ?? '').repeat(bare.length);
}

/** Code between the same number of marks on one line; all other marks are escaped, so that none pairs with one of these. */
function inText(line: string): string {
  const parts: string[] = [];
  let at = 0;
  for (const { 0: marks, index } of line.matchAll(/`+/g)) {
    if (index < at) continue;
    parts.push(escaped(line.slice(at, index)));
    const begin = index + marks.length;
    const end = closing(line, marks.length, begin);
    // A cell of a table ends at a bar, in code as well.
    const isCode = end !== -1 && !line.slice(begin, end).includes('|');
    parts.push(isCode ? `${marks}${inCode(line.slice(begin, end))}${marks}` : '\\`'.repeat(marks.length));
    at = isCode ? end + marks.length : begin;
  }
  parts.push(escaped(line.slice(at)));
  return parts.join('');
}

/** Where the next marks of that number are; -1: nowhere on this line. */
function closing(line: string, length: number, from: number): number {
  for (let at = line.indexOf('`', from); at !== -1; at = line.indexOf('`', at)) {
    const begin = at;
    while (line[at] === '`') at++;
    if (at - begin === length) return begin;
  }
  return -1;
}

const ACTIVE = /[\\<@]|&(?=#?\w{1,40};)|#(?=\d)|GH-(?=\d)|!(?=\[)|~{3,}|\/(?:issues|pull|discussions)\/(?=\d)/gi;

const escaped = (text: string): string =>
  text.replace(ACTIVE, (mark) => {
    if (mark === '\\') return '\\\\';
    if (mark === '<') return '&lt;';
    if (mark === '&') return '&amp;';
    if (mark === '!') return '\\!';
    return mark.startsWith('~') ? '\\~'.repeat(mark.length) : `${mark}${PART}`;
  });

/** A line such as `/approve`: programs that listen to comments take it for an order of whoever wrote the comment, in code as well. */
const noOrder = (line: string): string => line.replace(/^([ \t>*+-]*\/)(?=[a-z][a-z-]{1,40}(?:\s|$))/i, `$1${PART}`);

/** The forge's page does nothing with code, but tac8 looks for its marks in the source. */
const inCode = (code: string): string => code.replace(/<!--(?=\s*tac8:)/gi, `<!--${PART}`);
