import { isTaskId, type Priority, RACER, type RunId, type TaskId } from '../../model/task.ts';

/*
 * One line of `tasks.md`. Lines are kept with their own line ending, so that what nobody touched is written back byte for byte;
 * a task line carries offsets into itself, so that a change replaces a field and leaves the rest of the line alone.
 */

export type MarkKind = 'open' | 'ticked' | 'active' | 'completed' | 'failed' | 'blocked';

/** What stands between the brackets. */
export interface Mark {
  readonly kind: MarkKind;
  readonly run: RunId | null;
  readonly tree: string | null;
  readonly commit: string | null;
}

/** Start and end offset in the line. */
export type Span = readonly [number, number];

export interface TaskLine {
  /** Width of the white space before the bullet or bracket; a tab counts 4. */
  readonly indent: number;
  readonly bullet: boolean;
  readonly mark: Mark;
  readonly id: TaskId | null;
  readonly title: string;
  /** Null: the line says nothing. */
  readonly priority: Priority | null;
}

/** Where the fields of a task line are. Looked up only for a line that is to change: most never are. */
export interface Spans {
  readonly mark: Span;
  readonly id: Span | null;
  readonly title: Span;
  readonly tag: Span | null;
}

/** Why a line that looks like a task cannot be read. */
export interface Unreadable {
  readonly message: string;
  readonly hint: string;
}

export type LineReading =
  | { readonly kind: 'task'; readonly task: TaskLine }
  | { readonly kind: 'unreadable'; readonly why: Unreadable }
  | { readonly kind: 'other' };

/** Zero-width direction and variation marks that editors and phones put around emoji and right-to-left words. */
export const INVISIBLE = /[\ufe0e\ufe0f\u200b-\u200f\u061c\u202a-\u202e\u2060\u2066-\u2069]/g;
const MARKS: readonly (readonly [MarkKind, string])[] = [
  ['active', '🟡'],
  ['completed', '✅'],
  ['completed', '✔'],
  ['failed', '❌'],
  ['failed', '✖'],
  ['failed', '☠'],
  ['failed', '💀'],
  ['blocked', '⏰'],
];
const OPEN: Mark = { kind: 'open', run: null, tree: null, commit: null };
const START = /^(\ufeff?[ \t]*)((?:[-*+]|\d{1,9}[.)])[ \t]+)?\[([^\]\n]*)\]/;
/** A racer's name counts where a colon follows: `gh-451.codex:`. */
const ID = new RegExp(
  `^[\\s\\u200e\\u200f\\u061c\\u202a-\\u202e\\u2066-\\u2069]*(?:([gG][hH]|[lL][oO][cC][aA][lL])-([1-9]\\d{0,14}(?:\\.${RACER}(?=[ \\t]*[:：]))?)(?![\\w-])|#([1-9]\\d{0,14})(?=\\s*(?::|$)))[ \\t]*[:：]?[ \\t]*`,
);
const TAG = /\{p(\d+)\}$/i;

/** Splits into lines that keep their ending; `\n` ends a line, and a `\r` before it belongs to the ending. */
export function splitLines(text: string): string[] {
  const lines: string[] = [];
  let from = 0;
  while (from < text.length) {
    const end = text.indexOf('\n', from);
    const next = end === -1 ? text.length : end + 1;
    lines.push(text.slice(from, next));
    from = next;
  }
  return lines;
}

export const eolOf = (line: string): string => (line.endsWith('\r\n') ? '\r\n' : line.endsWith('\n') ? '\n' : '');
export const bodyOf = (line: string): string => line.slice(0, line.length - eolOf(line).length);
/** The line, with this ending if it has none. */
export const withEnding = (line: string, eol: string): string =>
  eolOf(line) !== '' ? line : line.endsWith('\r') ? `${line}\n` : line + eol;
export const isBlank = (line: string): boolean => line.trim() === '';

export function indentOf(line: string): number {
  let width = 0;
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charCodeAt(at);
    if (char === 0x20) width += 1;
    else if (char === 0x09) width += 4;
    else if (char !== 0xfeff) break;
  }
  return width;
}

/** The first character that is no space, tab or byte order mark; empty for a line without one. */
export function firstChar(line: string): string {
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charCodeAt(at);
    if (char !== 0x20 && char !== 0x09 && char !== 0xfeff) return line.charAt(at);
  }
  return '';
}

/** Reads what stands between the brackets; null where it is no mark. */
export function readMark(inside: string): Mark | null {
  if (inside === '' || inside === ' ') return OPEN;
  const text = inside.replace(INVISIBLE, '').trim();
  const none = { run: null, tree: null, commit: null };
  if (text === '') return OPEN;
  if (text === 'x' || text === 'X') return { kind: 'ticked', ...none };
  const found = MARKS.find(([, sign]) => text.startsWith(sign));
  if (found === undefined) return null;
  const parts = text
    .slice(found[1].length)
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  let { run, tree, commit }: { run: RunId | null; tree: string | null; commit: string | null } = none;
  for (const part of parts) {
    if (/^w-[0-9a-z]+$/i.test(part)) run = part.toLowerCase() as RunId;
    else if (/^[0-9a-f]{7,40}$/.test(part)) commit = part;
    else tree = part;
  }
  return { kind: found[0], run, tree, commit };
}

const OTHER: LineReading = { kind: 'other' };
/** What a task line, or one that was meant to be, can begin with. */
const FIRST = new Set('[-*+0123456789gGlL');

/** Reads one line on its own; whether it counts as a task depends on the section it stands in. */
export function readLine(line: string): LineReading {
  const first = firstChar(line);
  if (!FIRST.has(first)) return OTHER;
  const start = START.exec(line);
  if (start === null) return readBare(line);
  const [whole, , bullet = '', inside = ''] = start;
  const next = line[whole.length];
  // `[text](link)`, `[name]: address`, `[a][b]` are Markdown, not tasks.
  if (next === '(' || next === ':' || next === '[') return OTHER;
  const mark = readMark(inside);
  if (mark === null) return readOddMark(line, whole, inside);
  const rest = readRest(line, whole.length);
  if (rest.unreadable !== null) return { kind: 'unreadable', why: rest.unreadable };
  return {
    kind: 'task',
    task: {
      indent: indentOf(line),
      bullet: bullet !== '',
      mark,
      id: rest.id,
      title: line.slice(...rest.spans.title),
      priority: rest.priority,
    },
  };
}

/** For a line that `readLine` found to be a task. */
export function spansOf(line: string): Spans {
  const [whole = '', space = '', bullet = ''] = START.exec(line) ?? [];
  return { mark: [space.length + bullet.length, whole.length], ...readRest(line, whole.length).spans };
}

function readRest(line: string, from: number) {
  const bare = cutComments(bodyOf(line).slice(from));
  const lead = readId(bare);
  let unreadable: Unreadable | null = null;
  let id: TaskId | null = null;
  let idSpan: Span | null = null;
  let at = bare.length - bare.trimStart().length;
  if (lead !== null) {
    const text = lead[3] === undefined ? `${(lead[1] ?? '').toLowerCase()}-${lead[2]}` : `gh-${lead[3]}`;
    if (isTaskId(text)) id = text;
    idSpan = [from + at, from + lead[0].trimEnd().length];
    at = lead[0].length;
  } else if (/^\s*(?:gh|local)-\d/i.test(bare)) {
    unreadable = { message: `cannot read the number in "${excerpt(bare)}"`, hint: 'Write it as gh-451: and the title.' };
  }
  let end = bare.trimEnd().length;
  let priority: Priority | null = null;
  let tag: Span | null = null;
  const found = bare.charCodeAt(end - 1) === 0x7d ? TAG.exec(bare.slice(at, end)) : null;
  if (found !== null) {
    const value = Number(found[1]);
    if (value <= 3) {
      priority = value as Priority;
      tag = [from + end - found[0].length, from + end];
      end = at + bare.slice(at, end - found[0].length).trimEnd().length;
    } else unreadable ??= { message: `there is no priority ${found[0]}`, hint: 'Use {p0} (most urgent) to {p3}.' };
  }
  const stop = Math.max(at, end);
  return { id, priority, unreadable, spans: { id: idSpan, title: [from + at, from + stop] as Span, tag } };
}

/** `gh-451:`; not where a letter follows the number (`gh-12Ä`). */
function readId(bare: string): RegExpExecArray | null {
  const lead = ID.exec(bare);
  const end = lead === null || lead[2] === undefined ? -1 : bare.indexOf(lead[2]) + lead[2].length;
  return end !== -1 && bare.charCodeAt(end) > 0x7f && /^\p{L}/u.test(bare.slice(end)) ? null : lead;
}

/** Comments at the end of a task line (an earlier script kept its data there) are no part of the title. */
function cutComments(text: string): string {
  let end = text.trimEnd();
  while (end.endsWith('-->')) {
    const open = end.lastIndexOf('<!--');
    if (open === -1) break;
    end = end.slice(0, open).trimEnd();
  }
  return end;
}

/** A line without brackets: only one that names a task in its first word is worth a word of help. */
function readBare(line: string): LineReading {
  const body = bodyOf(line).trim();
  if (/^(?:[-*+]\s+)?\[[^\]]*$/.test(body) && /(?:gh|local)-\d/i.test(body))
    return { kind: 'unreadable', why: { message: 'the bracket is never closed', hint: 'Write [] gh-451: and the title.' } };
  if (/^(?:gh|local)-[1-9]\d*\s*:/i.test(body))
    return { kind: 'unreadable', why: { message: 'a task line needs a box', hint: 'Write [] before the number.' } };
  return OTHER;
}

function readOddMark(line: string, whole: string, inside: string): LineReading {
  const looksLikeTask = ID.test(line.slice(whole.length)) || [...inside.replace(INVISIBLE, '').trim()].length <= 2;
  if (!looksLikeTask || bodyOf(line).slice(whole.length).trim() === '') return OTHER;
  return {
    kind: 'unreadable',
    why: {
      message: `[${excerpt(inside)}] is no mark that tac8 knows`,
      hint: 'Use [] for waiting or [❌] to cancel; tac8 writes the other marks.',
    },
  };
}

/** A few words of a line, safe inside an HTML comment. */
export const excerpt = (text: string): string => {
  const short = [...text.trim().replace(/\s+/g, ' ').replace(/--/g, '‐‐').replace(/[<>]/g, '')];
  return short.length > 40 ? `${short.slice(0, 40).join('')}…` : short.join('');
};
