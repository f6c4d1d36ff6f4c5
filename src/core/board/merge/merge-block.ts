import { tagChange } from '../line/refresh.ts';
import { splice } from '../line/render.ts';
import { matchRows } from '../text/match.ts';
import type { TaskNode } from '../text/parse.ts';
import { bodyOf, type Span, spansOf, withEnding } from '../text/syntax.ts';
import { mergeRows } from './merge-rows.ts';

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
  const spans = spansOf(lines.theirs);
  const fields = {
    base: lines.base === undefined ? null : fieldsOf(lines.base),
    theirs: fieldsOf(lines.theirs),
    ours: fieldsOf(lines.ours),
  };
  const changes: { span: Span; text: string }[] = [];
  // Without a common ancestor the mark is a fact, and the daemon's.
  const mark = fields.base === null ? fields.ours.mark : pick(fields.base.mark, fields.theirs.mark, fields.ours.mark);
  if (mark !== fields.theirs.mark) changes.push({ span: spans.mark, text: mark });
  const title = pick(base?.task.title, theirs.task.title, ours.task.title);
  if (title !== theirs.task.title && theirs.task.title !== '') changes.push({ span: spans.title, text: title });
  const bothTitled = base !== null && theirs.task.title !== base.task.title && ours.task.title !== base.task.title;
  if (bothTitled && ours.task.title !== theirs.task.title)
    notes.push({ message: `${theirs.task.id} has another title now; the words of tasks.md stay`, words: ours.task.title });
  const tag = pick((fields.base ?? fields.theirs).tag, fields.theirs.tag, fields.ours.tag);
  if (tag !== fields.theirs.tag) changes.push(tagChange(spans, tag));
  if (base !== null && lines.ours !== lines.base && !bothTitled)
    notes.push({ message: `${theirs.task.id} changed on both sides; your words stay, the facts are tac8's`, words: '' });
  return splice(lines.theirs, changes);
}

function fieldsOf(line: string): { readonly mark: string; readonly tag: string } {
  const { mark, tag } = spansOf(line);
  return { mark: line.slice(...mark), tag: tag === null ? '' : line.slice(...tag) };
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
