import type { Priority } from '../../model/task.ts';
import type { HeadingNames } from '../text/heading.ts';
import { type BoardDoc, type BoardNode, parseBoard, type TaskNode, textOf } from '../text/parse.ts';
import { eolOf, spansOf, withEnding } from '../text/syntax.ts';

/** What a person does to one line of the board without typing it. `line`: where a task begins, from 1. */
export type BoardChange =
  /** In front of the task that begins at `before`. */
  | { readonly kind: 'move'; readonly line: number; readonly before: number }
  /** To the end of that section: `pending` takes it up again, `failed` cancels it. */
  | { readonly kind: 'place'; readonly line: number; readonly section: 'pending' | 'failed' }
  | { readonly kind: 'priority'; readonly line: number; readonly priority: Priority }
  | { readonly kind: 'remove'; readonly line: number }
  | { readonly kind: 'add'; readonly title: string; readonly priority: Priority | null };

const MARKS = { pending: '', failed: '❌' } as const;

/** The text with the change in it, each other byte as it was; null: the line is not a task's, or there is no such section. */
export function changedBy(text: string, change: BoardChange, names: HeadingNames): string | null {
  const doc = parseBoard(text, names);
  if (change.kind === 'add') {
    const tag = change.priority === null ? '' : ` {p${change.priority}}`;
    const line = `[] ${change.title.replaceAll(/\s+/g, ' ').trim()}${tag}${eolIn(doc)}`;
    return putInto(doc, doc.nodes, 'pending', [line]);
  }
  const node = taskAt(doc, change.line);
  return node === null ? null : changedAt(doc, node, change, text);
}

function changedAt(doc: BoardDoc, node: TaskNode, change: Exclude<BoardChange, { readonly kind: 'add' }>, text: string): string | null {
  const others = doc.nodes.filter((one) => one !== node);
  switch (change.kind) {
    case 'remove':
      return textOf(others);
    case 'priority':
      return textOf(doc.nodes.map((one) => (one === node ? { lines: withPriority(node.lines, change.priority) } : one)));
    case 'place':
      return putInto(doc, others, change.section, marked(node.lines, MARKS[change.section]));
    case 'move': {
      const before = taskAt(doc, change.before);
      if (before === null) return null;
      if (before === node) return text;
      return joined(
        others.flatMap((one) => (one === before ? [node.lines, one.lines] : [one.lines])),
        eolIn(doc),
      );
    }
  }
}

const taskAt = (doc: BoardDoc, line: number): TaskNode | null =>
  doc.nodes.find((node): node is TaskNode => node.kind === 'task' && node.at === line) ?? null;

const eolIn = ({ nodes }: BoardDoc): string => eolOf(nodes[0]?.lines[0] ?? '') || '\n';

/** Behind the last task of the section, else right below its heading. */
function putInto(doc: BoardDoc, nodes: readonly BoardNode[], section: 'pending' | 'failed', lines: readonly string[]): string | null {
  const last = nodes.findLastIndex((node) => node.section === section && node.kind === 'task');
  const at = last === -1 ? nodes.findIndex((node) => node.section === section && node.kind === 'heading') : last;
  if (at === -1) return null;
  const all = nodes.map((node) => node.lines);
  return joined([...all.slice(0, at + 1), lines, ...all.slice(at + 1)], eolIn(doc));
}

/** A last line without an end gets one where something comes behind it. */
function joined(parts: readonly (readonly string[])[], eol: string): string {
  const lines = parts.flat();
  return lines.map((line, n) => (n < lines.length - 1 ? withEnding(line, eolOf(line) || eol) : line)).join('');
}

function marked([first = '', ...rest]: readonly string[], mark: string): readonly string[] {
  const { mark: span } = spansOf(first);
  return [`${first.slice(0, span[0])}[${mark}]${first.slice(span[1])}`, ...rest];
}

function withPriority([first = '', ...rest]: readonly string[], priority: Priority): readonly string[] {
  const { tag, title } = spansOf(first);
  const said = `{p${priority}}`;
  // Behind the title, in front of a comment that may stand there.
  const line =
    tag === null ? `${first.slice(0, title[1])} ${said}${first.slice(title[1])}` : `${first.slice(0, tag[0])}${said}${first.slice(tag[1])}`;
  return [line, ...rest];
}
