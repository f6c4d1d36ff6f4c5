import { matchRows } from './match.ts';
import { mergeRows } from './merge-rows.ts';
import type { TaskNode } from './parse.ts';
import { splice } from './render.ts';
import { bodyOf, type Span, withEnding } from './syntax.ts';

/** Something that both sides wrote differently. `words`: what is not in the result. */
export interface BlockNote {
  readonly message: string;
  readonly words: string;
}

/** Which of three values: a side that changed it wins, theirs when both did. */
const pick = <T>(base: T | undefined, theirs: T, ours: T): T => (theirs === base ? ours : theirs);

/** One task as two sides left it. The person's line is the ground; into it go the fields that only ours changed. */
export function mergeBlock(
  base: TaskNode | null,
  theirs: TaskNode,
  ours: TaskNode,
  eol: string,
): { lines: readonly string[]; notes: readonly BlockNote[] } {
  const notes: BlockNote[] = [];
  const head = mergeHead(base, theirs, ours, notes);
  const below = mergeBelow(base?.lines.slice(1) ?? [], theirs.lines.slice(1), ours.lines.slice(1));
  return { lines: below.length === 0 ? [head] : [withEnding(head, eol), ...below], notes };
}

function mergeHead(base: TaskNode | null, theirs: TaskNode, ours: TaskNode, notes: BlockNote[]): string {
  const lines = { base: base?.lines[0], theirs: theirs.lines[0] ?? '', ours: ours.lines[0] ?? '' };
  if (lines.theirs === lines.base) return lines.ours;
  const at = (node: TaskNode, span: Span | null): string => (span === null ? '' : (node.lines[0] ?? '').slice(...span));
  const changes: { span: Span; text: string }[] = [];
  // Without a common ancestor the mark is a fact, and the daemon's.
  const mark =
    base === null
      ? at(ours, ours.task.spans.mark)
      : pick(at(base, base.task.spans.mark), at(theirs, theirs.task.spans.mark), at(ours, ours.task.spans.mark));
  if (mark !== at(theirs, theirs.task.spans.mark)) changes.push({ span: theirs.task.spans.mark, text: mark });
  const title = pick(base?.task.title, theirs.task.title, ours.task.title);
  if (title !== theirs.task.title && theirs.task.title !== '') changes.push({ span: theirs.task.spans.title, text: title });
  const bothTitled = base !== null && theirs.task.title !== base.task.title && ours.task.title !== base.task.title;
  if (bothTitled && ours.task.title !== theirs.task.title)
    notes.push({ message: `${theirs.task.id} has another title now; the words of tasks.md stay`, words: ours.task.title });
  const tag = pick(at(base ?? theirs, base?.task.spans.tag ?? null), at(theirs, theirs.task.spans.tag), at(ours, ours.task.spans.tag));
  if (tag !== at(theirs, theirs.task.spans.tag)) changes.push(tagChange(theirs, tag));
  const changed = splice(lines.theirs, changes);
  if (base !== null && lines.ours !== lines.base && !bothTitled)
    notes.push({ message: `${theirs.task.id} changed on both sides; your words stay, the facts are tac8's`, words: '' });
  return changed;
}

function tagChange(node: TaskNode, tag: string): { span: Span; text: string } {
  const { tag: span, title } = node.task.spans;
  if (span !== null) return { span: tag === '' ? [title[1], span[1]] : span, text: tag };
  return { span: [title[1], title[1]], text: ` ${tag}` };
}

/** The lines below a task: what either side put in is there, what either took out is not. */
function mergeBelow(base: readonly string[], theirs: readonly string[], ours: readonly string[]): readonly string[] {
  const words = (lines: readonly string[]): string[] => lines.map(bodyOf);
  const rows = { base: words(base), theirs: words(theirs), ours: words(ours) };
  const lines = { theirs, ours };
  return mergeRows(rows, matchRows(rows.base, rows.theirs), matchRows(rows.base, rows.ours)).flatMap(({ from, at }) => {
    const line = lines[from][at];
    return line === undefined ? [] : [line];
  });
}
