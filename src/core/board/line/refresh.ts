import { DEFAULT_PRIORITY } from '../../model/task.ts';
import type { TaskNode } from '../text/parse.ts';
import { isRemark } from '../text/parse.ts';
import { bodyOf, type Span, type Spans, spansOf, type TaskLine, withEnding } from '../text/syntax.ts';
import type { BoardLine } from '../text/view.ts';
import type { OwnLine } from './base.ts';
import { detailIndent, endsLikeTag, markText, ownLine, prefixOf, shownTitle, splice } from './render.ts';

/** What the daemon remembers of a line; `stranger`: a person wrote it, and the daemon shows it for the first time. */
export type Own = OwnLine | 'stranger' | undefined;

/** Whether a waiting task's line says everything already, as most do at most times: `refreshTask` would change nothing. */
export const saysAll = ({ lines, task }: TaskNode, want: BoardLine): boolean =>
  want.section === 'pending' &&
  want.details.length === 0 &&
  lines.length === 1 &&
  task.id !== null &&
  task.mark.kind === 'open' &&
  task.title === shownTitle(want.title) &&
  (task.priority ?? (endsLikeTag(task.title) ? null : DEFAULT_PRIORITY)) === want.priority;

/**
 * The lines of a task brought up to what the daemon knows. Only its own fields change: the mark, the id, a title and details it wrote
 * itself, the priority. A title in a person's words stays, unless those words now stand in a detail (the reason of a cancellation).
 */
export function refreshTask(node: TaskNode, want: BoardLine, own: Own, eol: string): readonly string[] {
  const [first = '', ...below] = node.lines;
  const head = refreshHead(first, node.task, want, own);
  const details = refreshDetails(below, node.task, want, own, () => detailIndent(prefixOf(first)), eol);
  if (head === first && details === below) return node.lines;
  return [details.length === 0 ? head : withEnding(head, eol), ...details];
}

function refreshHead(line: string, task: TaskLine, want: BoardLine, own: Own): string {
  const mark = saysSame(task, want);
  const title = titleToShow(task, want, own);
  const tag = tagToShow(task, want, title ?? task.title);
  if (mark && title === null && tag === null && task.id !== null) return line;
  const spans = spansOf(line);
  const changes: { span: Span; text: string }[] = [];
  if (!mark) changes.push({ span: spans.mark, text: markText(want, task.bullet) });
  if (task.id === null) {
    const [start, end] = spans.title;
    const space = /\s/.test(line.charAt(start - 1)) ? '' : ' ';
    changes.push({ span: [start, end], text: `${space}${want.id}: ${title ?? task.title}` });
  } else if (title !== null) changes.push({ span: spans.title, text: withSpace(line, task, spans, title) });
  if (tag !== null) changes.push(tagChange(spans, tag));
  return splice(line, mergeTouching(changes));
}

/** A title and a tag that are put in at the same place are one change. */
function mergeTouching(changes: { span: Span; text: string }[]): { span: Span; text: string }[] {
  const last = changes.at(-1);
  const before = changes.at(-2);
  if (last === undefined || before === undefined || last.span[0] !== before.span[1] || last.span[0] !== last.span[1]) return changes;
  return [...changes.slice(0, -2), { span: before.span, text: before.text + last.text }];
}

/** `[] gh-12` names no title: what is put in needs a colon before it. */
function withSpace(line: string, task: TaskLine, spans: Spans, title: string): string {
  if (task.title !== '' || spans.id === null) return title;
  const between = line.slice(spans.id[1], spans.title[0]);
  const colon = /[:：]$/.test(line.slice(...spans.id).trimEnd()) ? '' : ':';
  return between === '' ? `${colon} ${title}` : title;
}

/** Whether the mark already says what the daemon would write. */
export function saysSame(task: TaskLine, want: BoardLine): boolean {
  const { kind, run, tree, commit } = task.mark;
  switch (want.section) {
    case 'pending':
      return kind === 'open';
    case 'active':
      return kind === 'active' && run === want.run && tree === want.tree;
    case 'completed':
      return kind === 'completed' && run === want.run && commit === want.commit;
    case 'failed':
    case 'blocked':
      return kind === want.section && run === want.run;
  }
}

/** Whether the title stays in a person's words. */
export const keepsWords = (task: TaskLine, want: BoardLine, own: Own): boolean =>
  task.title !== shownTitle(want.title) && titleToShow(task, want, own) === null;

/** The title to write, or null to leave what stands there. */
function titleToShow(task: TaskLine, want: BoardLine, own: Own): string | null {
  const shown = shownTitle(want.title);
  if (task.title === shown) return null;
  const theirs = own === 'stranger' || (own !== undefined && task.title !== own.title);
  const reason = task.title !== '' && want.details.some((detail) => detail.value.includes(task.title));
  return theirs && task.title !== '' && !reason ? null : shown;
}

/**
 * The tag to write, empty to take it away, null to leave what stands there. A pending line says its priority (without a tag: 2); a line
 * that starts loses the tag, one that comes back gets it again. Elsewhere only a tag that a person put there is kept true. A title that
 * would be read as a tag gets one behind it.
 */
function tagToShow(task: TaskLine, want: BoardLine, shown: string): string | null {
  const tag = `{p${want.priority}}`;
  const wasOpen = task.mark.kind === 'open';
  if (endsLikeTag(shown)) return task.priority === want.priority ? null : tag;
  if (want.section !== 'pending' && wasOpen && task.priority !== null) return '';
  const says = task.priority ?? (want.section !== 'pending' ? want.priority : wasOpen ? 2 : null);
  return says === want.priority ? null : tag;
}

export function tagChange(spans: Spans, tag: string): { span: Span; text: string } {
  const end = spans.title[1];
  if (spans.tag === null) return { span: [end, end], text: ` ${tag}` };
  return tag === '' ? { span: [end, spans.tag[1]], text: '' } : { span: spans.tag, text: tag };
}

/** Keys that an earlier program wrote; used only when a file is taken over and nobody remembers who wrote what. */
const OLD_KEYS = /^- (?:Started|PID|Completed|PR|Question|Reason): /;

function refreshDetails(
  below: readonly string[],
  task: TaskLine,
  want: BoardLine,
  own: Own,
  indentOf: () => string,
  eol: string,
): readonly string[] {
  if (below.length === 0 && want.details.length === 0) return below;
  const shown = ownLine(want).details;
  const mine = new Set([...(own === 'stranger' ? [] : (own?.details ?? [])), ...shown]);
  // An earlier program's line comes with its facts; below a line that a person put there, everything is theirs.
  const adopted = own === 'stranger' && task.mark.kind !== 'open';
  const isMine = (line: string): boolean => {
    const text = bodyOf(line).trim();
    return mine.has(text) || (adopted && OLD_KEYS.test(text)) || shown.some((detail) => saysMore(detail, text));
  };
  const said = below.filter((line) => !isRemark(line));
  const atTop = shown.every((detail, at) => bodyOf(said[at] ?? '').trim() === detail);
  if (atTop && said.filter(isMine).length === shown.length) return below;
  const theirs = below.filter((line) => isRemark(line) || !isMine(line));
  const indent = indentOf();
  return [
    ...shown.map((detail) => `${indent}${detail}${eol}`),
    ...theirs.map((line, at) => (at < theirs.length - 1 ? withEnding(line, eol) : line)),
  ];
}

/** `- Reason: cancelled: not needed` says all that a person's `- Reason: not needed` says. */
function saysMore(detail: string, text: string): boolean {
  const colon = detail.indexOf(': ');
  if (colon === -1 || !text.startsWith(detail.slice(0, colon + 1))) return false;
  const words = text.slice(colon + 1).trim();
  return words !== '' && detail.slice(colon + 2).includes(words);
}
