import { isRacer, issueNumber } from '../../model/task.ts';
import { type HeadingNames, readHeading, readUnderlined } from './heading.ts';
import { ownCopy } from './own-copy.ts';
import { bodyOf, firstChar, indentOf, isBlank, readLine, splitLines, type TaskLine, type Unreadable } from './syntax.ts';
import { STAMP_WITHIN, stampOf } from './version.ts';
import type { Section } from './view.ts';

export { versionOf } from './version.ts';

/*
 * The whole file as a row of nodes that together hold every byte of it: joining the lines of all nodes gives the text back.
 * A task node takes the lines right below it along: bullets, indented text, comments. That is what moves with a task.
 */

interface NodeLines {
  /** Raw lines with their endings; at least one. */
  readonly lines: readonly string[];
  /** Number of the first line, from 1. */
  readonly at: number;
  /** Finds the same node in another version of the file; unique within one file but for foreign lines. */
  readonly key: string;
  /** Where it stands; null: before the first heading or in a section that a person made. */
  readonly section: Section | null;
}

export interface TaskNode extends NodeLines {
  readonly kind: 'task';
  readonly task: TaskLine;
  readonly section: Section;
}
export interface HeadingNode extends NodeLines {
  readonly kind: 'heading';
  readonly words: string;
}
/** `stamp`: the line that says when tac8 last wrote. `remark`: a comment of ours below a line that is not a task. */
export interface TextNode extends NodeLines {
  readonly kind: 'text' | 'stamp' | 'remark';
  readonly why: Unreadable | null;
}
export type BoardNode = TaskNode | HeadingNode | TextNode;

export interface BoardDoc {
  readonly nodes: readonly BoardNode[];
  readonly names: HeadingNames;
}

const REMARK = /^\s*<!-- tac8: .*-->\s*$/;
/** Whether a task with this id stood further up already. */
export const isCopy = (node: TaskNode): boolean => node.task.id !== null && node.key.includes('~');
/** Tasks that stand more than once. */
export const copiesIn = (doc: BoardDoc): ReadonlySet<string> =>
  new Set(doc.nodes.flatMap((node) => (node.kind === 'task' && node.task.id !== null && isCopy(node) ? [node.task.id] : [])));
export const isRemark = (line: string): boolean => line.includes('<!-- tac8: ') && REMARK.test(line);
const NO_NAMES: HeadingNames = {};
/** The newest few documents: within one tick the same text is asked for several times, and texts that differ in a few lines. */
const recent: { text: string; names: string; doc: BoardDoc; pages: Pages }[] = [];
/** A text and what is to be written in its place. Each holds a whole board twice, as text and by lines. */
const KEPT = 2;

/** A text as it was read: for each line whether it is foreign, and the task that begins there. */
export interface Pages {
  readonly lines: readonly string[];
  readonly foreign: readonly boolean[];
  readonly tasks: readonly (TaskNode | undefined)[];
}

/** Reads the whole file; the same text and names give the same document. */
export function parseBoard(text: string, names: HeadingNames = NO_NAMES): BoardDoc {
  const key = JSON.stringify(names);
  const known = recent.find((entry) => entry.names === key && entry.text === text);
  if (known !== undefined) return known.doc;
  const { doc, pages } = parseAfter(recent[0]?.pages, text, names);
  recent.unshift({ text, names: key, doc, pages });
  recent.length = Math.min(recent.length, KEPT);
  return doc;
}

/** Reads it anew; tasks that an earlier text held in the same lines are taken from there. */
export function parseAfter(before: Pages | undefined, text: string, names: HeadingNames): { doc: BoardDoc; pages: Pages } {
  const lines = splitLines(text);
  const foreign = foreignRegions(lines);
  const nodes: BoardNode[] = [];
  const tasks: (TaskNode | undefined)[] = new Array(lines.length);
  const known = before === undefined ? () => undefined : recall(before, lines, foreign);
  const seen = new Map<string | number, number>();
  const keyed = (base: string, mark: string | number = base): string => {
    const count = seen.get(mark) ?? 0;
    seen.set(mark, count + 1);
    return count === 0 ? base : `${base}~${count}`;
  };
  let section: Section | null = null;
  let headed = false;
  for (let i = 0; i < lines.length; ) {
    const line = lines[i] ?? '';
    const at = i + 1;
    const same: TaskNode | undefined = section === null ? undefined : known(i);
    if (same !== undefined && same.section === section) {
      const { id } = same.task;
      const key = id === null ? same.key : keyed(id, isRacer(id) ? id : (issueNumber(id) ?? id));
      const node = same.at === at && same.key === key ? same : { ...same, at, key };
      nodes.push(node);
      tasks[i] = node;
      i += node.lines.length;
      continue;
    }
    const text = (why: Unreadable | null, kind: TextNode['kind'] = 'text') => {
      nodes.push({ kind, lines: [line], at, key: kind === 'stamp' ? keyed('s') : `l:${bodyOf(line)}`, section, why });
      i += 1;
    };
    if (foreign[i] === true || isBlank(line)) {
      text(null);
      continue;
    }
    const flat = readHeading(line, names);
    const heading = flat ?? readUnderlined(line, lines[i + 1], names);
    if (heading !== null) {
      if (heading.level > 1 || heading.section !== null) {
        section = heading.section;
        headed = true;
      } else section = null;
      const taken = lines.slice(i, i + (flat === null ? 2 : 1));
      const key = section === null ? `l:${bodyOf(line)}` : keyed(`h:${section}`);
      nodes.push({ kind: 'heading', lines: taken, at, key, section, words: heading.words });
      i += taken.length;
      continue;
    }
    if (isRemark(line)) {
      text(null, 'remark');
      continue;
    }
    if (i < STAMP_WITHIN && stampOf(line) !== null && !seen.has('s')) {
      text(null, 'stamp');
      continue;
    }
    // A task is taken over into later documents, which outlive this text.
    const own = section === null ? line : ownCopy(line);
    const reading = readLine(own);
    if (reading.kind === 'task' && section !== null) {
      const { id } = reading.task;
      const end = endOfTask(lines, i, reading.task, foreign);
      const key = id === null ? `n:${bodyOf(own)}` : keyed(id, isRacer(id) ? id : (issueNumber(id) ?? id));
      const below = lines.slice(i + 1, end).map(ownCopy);
      const node: TaskNode = { kind: 'task', lines: [own, ...below], at, key, section, task: reading.task };
      nodes.push(node);
      tasks[i] = node;
      i = end;
    } else text(section !== null && reading.kind === 'unreadable' ? reading.why : outside(reading, headed));
  }
  return { doc: { nodes, names }, pages: { lines, foreign, tasks } };
}

/** Lines around the expected one that are looked at, and lines in vain after which two texts have nothing in common. */
const NEAR = 32;
const IN_VAIN = 1_000;

/**
 * The task that an earlier text held in the same lines, followed by the same line: it would be read the same. Asked for rising lines;
 * the expected place moves along with what was found. Section and key are the caller's to compare.
 */
function recall(before: Pages, lines: readonly string[], foreign: readonly boolean[]): (at: number) => TaskNode | undefined {
  let expected = 0;
  let inVain = 0;
  const isSame = (at: number, from: number): boolean => {
    const length = before.tasks[from]?.lines.length;
    if (length === undefined || lines[at] !== before.lines[from]) return false;
    for (let next = 1; next <= length; next += 1) if (lines[at + next] !== before.lines[from + next]) return false;
    return foreign[at + length] === before.foreign[from + length];
  };
  const find = (at: number): number => {
    for (let off = 0; off <= NEAR; off += 1) {
      if (isSame(at, expected + off)) return expected + off;
      if (off > 0 && isSame(at, expected - off)) return expected - off;
    }
    return -1;
  };
  return (at) => {
    if (foreign[at] === true || inVain > IN_VAIN) return undefined;
    const from = find(at);
    const task = before.tasks[from];
    if (task === undefined) inVain += 1;
    else expected = from + task.lines.length;
    return task;
  };
}

/** A task above all sections is most likely meant for Pending; in a section of their own a person writes what they like. */
function outside(reading: ReturnType<typeof readLine>, headed: boolean): Unreadable | null {
  if (headed || reading.kind !== 'task' || reading.task.mark.kind !== 'open' || reading.task.title === '') return null;
  return { message: 'this line stands above all sections, so it is not picked up', hint: 'Move it under "## Pending".' };
}

function endOfTask(lines: readonly string[], start: number, task: TaskLine, foreign: readonly boolean[]): number {
  let end = start + 1;
  while (end < lines.length && foreign[end] !== true && belongsBelow(lines[end] ?? '', task.indent)) end += 1;
  return end;
}

const BULLETS = new Set('-*+');

/** Whether a line right below a task with this indent is part of that task. */
export function belongsBelow(line: string, indent: number): boolean {
  const first = firstChar(line);
  const deeper = indentOf(line) > indent;
  if (first === '[' && !deeper) return false;
  if (isBlank(line) || readHeading(line, {}) !== null) return false;
  if (first === '<' && /^\s*<!--(?:(?!-->).)*-->\s*$/.test(line)) return true;
  if (deeper) return true;
  return BULLETS.has(first) && readLine(line).kind === 'other' && /^\s*[-*+][ \t]+\S/.test(line);
}

const OPENERS = new Set('<`~');

/** Lines inside front matter, code fences and comments of several lines: never tasks. What is opened and never closed hides nothing. */
function foreignRegions(lines: readonly string[]): boolean[] {
  const foreign: boolean[] = new Array(lines.length).fill(false);
  const mark = (from: number, to: number) => foreign.fill(true, from, to + 1);
  let i = 0;
  if (/^\ufeff?---[ \t]*\r?\n?$/.test(lines[0] ?? '')) {
    const end = lines.findIndex((line, at) => at > 0 && /^(?:---|\.\.\.)[ \t]*\r?\n?$/.test(line));
    if (end > 0) {
      mark(0, end);
      i = end + 1;
    }
  }
  // Remembered so that a file full of unclosed openings is still read in one pass.
  let commentOpen = false;
  const unclosed = new Map<string, number>();
  for (; i < lines.length; i += 1) {
    const line = lines[i] ?? '';
    if (!OPENERS.has(firstChar(line))) continue;
    if (/^\s*<!--/.test(line) && !line.includes('-->') && !commentOpen) {
      const end = findCommentEnd(lines, i);
      if (end === -1) commentOpen = true;
      else {
        mark(i, end);
        i = end;
      }
      continue;
    }
    const fence = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence === undefined || (unclosed.get(fence.charAt(0)) ?? Number.POSITIVE_INFINITY) <= fence.length) continue;
    const end = findFenceEnd(lines, i, fence);
    if (end === -1) unclosed.set(fence.charAt(0), fence.length);
    else {
      mark(i, end);
      i = end;
    }
  }
  return foreign;
}

function findCommentEnd(lines: readonly string[], from: number): number {
  for (let i = from + 1; i < lines.length; i += 1) if (lines[i]?.includes('-->') === true) return i;
  return -1;
}

function findFenceEnd(lines: readonly string[], from: number, fence: string): number {
  for (let i = from + 1; i < lines.length; i += 1) {
    const body = (lines[i] ?? '').trim();
    if (body.startsWith(fence) && body.replaceAll(fence.charAt(0), '') === '') return i;
  }
  return -1;
}

export const textOf = (nodes: readonly { readonly lines: readonly string[] }[]): string =>
  nodes.map((node) => node.lines.join('')).join('');
