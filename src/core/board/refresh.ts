import type { OwnLine } from './base.ts';
import type { TaskNode } from './parse.ts';
import { isRemark } from './parse.ts';
import { detailIndent, endsLikeTag, markText, prefixOf, shownDetail, shownTitle, splice } from './render.ts';
import { bodyOf, type Span, type TaskLine, withEnding } from './syntax.ts';
import type { BoardLine } from './view.ts';

/**
 * The lines of a task brought up to what the daemon knows. Only its own fields change: the mark, the id, a title and details it wrote
 * itself, the priority. A title in a person's words stays, unless those words now stand in a detail (the reason of a cancellation).
 */
export function refreshTask(node: TaskNode, want: BoardLine, own: OwnLine | undefined, adopted: boolean, eol: string): readonly string[] {
  const [first = '', ...below] = node.lines;
  const head = refreshHead(first, node.task, want, own);
  const details = refreshDetails(below, want, own, adopted, detailIndent(prefixOf(first, node.task)), eol);
  if (head === first && details === below) return node.lines;
  return [details.length === 0 ? head : withEnding(head, eol), ...details];
}

function refreshHead(line: string, task: TaskLine, want: BoardLine, own: OwnLine | undefined): string {
  const changes: { span: Span; text: string }[] = [];
  if (!saysSame(task, want)) changes.push({ span: task.spans.mark, text: markText(want, task.bullet) });
  const title = titleToShow(task, want, own);
  const start = task.spans.title[0];
  if (task.id === null) {
    const space = /\s/.test(line.charAt(start - 1)) || start === 0 ? '' : ' ';
    changes.push({ span: [start, task.spans.title[1]], text: `${space}${want.id}: ${title ?? task.title}` });
  } else if (title !== null) changes.push({ span: task.spans.title, text: withSpace(line, task, title) });
  const tag = tagChange(task, want, title ?? task.title);
  if (tag !== null) changes.push(tag);
  return changes.length === 0 ? line : splice(line, mergeTouching(changes));
}

/** A title and a tag that are put in at the same place are one change. */
function mergeTouching(changes: { span: Span; text: string }[]): { span: Span; text: string }[] {
  const last = changes.at(-1);
  const before = changes.at(-2);
  if (last === undefined || before === undefined || last.span[0] !== before.span[1] || last.span[0] !== last.span[1]) return changes;
  return [...changes.slice(0, -2), { span: before.span, text: before.text + last.text }];
}

/** `[] gh-12` names no title: what is put in needs a colon before it. */
function withSpace(line: string, task: TaskLine, title: string): string {
  if (task.title !== '' || task.spans.id === null) return title;
  const between = line.slice(task.spans.id[1], task.spans.title[0]);
  const colon = /[:：]$/.test(line.slice(...task.spans.id).trimEnd()) ? '' : ':';
  return between === '' ? `${colon} ${title}` : `${colon === '' ? '' : ''}${title}`;
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

/** The title to write, or null to leave what stands there. */
function titleToShow(task: TaskLine, want: BoardLine, own: OwnLine | undefined): string | null {
  const shown = shownTitle(want.title);
  if (task.title === shown) return null;
  const theirs = own === undefined || task.title !== own.title;
  const reason = task.title !== '' && want.details.some((detail) => detail.value.includes(task.title));
  return theirs && task.title !== '' && !reason ? null : shown;
}

/**
 * A pending line says its priority (without a tag: 2); a line that starts loses the tag, one that comes back gets it again. Elsewhere
 * only a tag that a person put there is kept true. A title that would be read as a tag gets one behind it.
 */
function tagChange(task: TaskLine, want: BoardLine, shown: string): { span: Span; text: string } | null {
  const { tag, title } = task.spans;
  const end = title[1];
  const wasOpen = task.mark.kind === 'open';
  if (endsLikeTag(shown) && tag === null) return { span: [end, end], text: ` {p${want.priority}}` };
  if (want.section !== 'pending' && wasOpen && tag !== null && !endsLikeTag(shown)) return { span: [end, tag[1]], text: '' };
  const says = task.priority ?? (want.section !== 'pending' ? want.priority : wasOpen ? 2 : null);
  if (says === want.priority) return null;
  return tag === null ? { span: [end, end], text: ` {p${want.priority}}` } : { span: tag, text: `{p${want.priority}}` };
}

/** Keys that an earlier program wrote; used only when a file is taken over and nobody remembers who wrote what. */
const OLD_KEYS = /^- (?:Started|PID|Completed|PR|Question|Reason): /;

function refreshDetails(
  below: readonly string[],
  want: BoardLine,
  own: OwnLine | undefined,
  adopted: boolean,
  indent: string,
  eol: string,
): readonly string[] {
  const shown = want.details.map(shownDetail);
  const mine = new Set([...(own?.details ?? []), ...shown]);
  const isMine = (line: string): boolean => {
    const text = bodyOf(line).trim();
    return mine.has(text) || (own === undefined && adopted && OLD_KEYS.test(text)) || shown.some((detail) => saysMore(detail, text));
  };
  const standing = below.filter((line) => !isRemark(line) && isMine(line)).map((line) => bodyOf(line).trim());
  const atTop = below.slice(0, shown.length).every((line, at) => bodyOf(line).trim() === shown[at]);
  if (atTop && standing.length === shown.length) return below;
  const theirs = below.filter((line) => isRemark(line) || !isMine(line));
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
