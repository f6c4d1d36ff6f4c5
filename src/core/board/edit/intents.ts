import type { Priority, TaskId } from '../../model/task.ts';
import { DEFAULT_PRIORITY, isRacer, issueNumber } from '../../model/task.ts';
import type { BoardMemory } from '../line/base.ts';
import { addKeys } from '../line/owners.ts';
import { type BoardDoc, type BoardNode, copiesIn, isRemark, type TaskNode } from '../text/parse.ts';
import { changedRange, type Range } from '../text/range.ts';
import { bodyOf } from '../text/syntax.ts';
import type { BoardIntent, Section } from '../text/view.ts';

/**
 * What a person's edit asks for: `base` is what the daemon last wrote or took in, `theirs` the file now. Pure. What a changed line
 * cannot sensibly mean (an active line moved to Pending or deleted, a completed one moved to Failed) asks for nothing, and the next
 * `publish` puts it right.
 */
export function intentsOf(base: BoardDoc, theirs: BoardDoc, memory: BoardMemory): BoardIntent[] {
  // Where a task stood twice, deleting one of the lines is an edit of the other: then nothing is skipped.
  const range =
    copiesIn(base).size > 0 ? { from: 0, baseTo: base.nodes.length, theirsTo: theirs.nodes.length } : changedRange(base, theirs);
  const before = tasksById(base.nodes.slice(range.from, range.baseTo));
  const now = tasksById(theirs.nodes.slice(range.from, range.theirsTo));
  const twice = copiesIn(theirs);
  const gone = goneSections(base, theirs);
  const intents: BoardIntent[] = [];
  for (const [id, [node]] of now) {
    // A task that stands twice says two things: nothing is taken from either line until one is deleted.
    if (node === undefined || twice.has(id)) continue;
    const was = before.get(id);
    const record = was?.find((other) => other.section === memory.lines[id]?.section) ?? was?.[0];
    intents.push(...(record === undefined ? added(id, node) : changed(id, record, node, gone, memory)));
  }
  for (const [id, [node]] of before) {
    if (node === undefined || now.has(id) || twice.has(id)) continue;
    if (node.section !== 'active' && !gone.has(node.section)) intents.push({ kind: 'remove', task: id });
  }
  intents.push(...newLines(base, theirs), ...order(base, theirs, range));
  return intents.sort((a, b) => lineOf(a) - lineOf(b));
}

const lineOf = (intent: BoardIntent): number => ('line' in intent ? intent.line : Number.MAX_SAFE_INTEGER);

function tasksById(nodes: readonly BoardNode[]): Map<TaskId, TaskNode[]> {
  const found = new Map<TaskId, TaskNode[]>();
  for (const node of nodes) {
    if (node.kind !== 'task' || node.task.id === null) continue;
    const known = found.get(node.task.id);
    if (known === undefined) found.set(node.task.id, [node]);
    else known.push(node);
  }
  return found;
}

/** Ids that stand in a task line now and did not before, and titles (as they were) that a person changed. */
export function strangersIn(base: BoardDoc, theirs: BoardDoc) {
  const range = changedRange(base, theirs);
  const known = tasksById(copiesIn(base).size > 0 ? base.nodes : base.nodes.slice(range.from, range.baseTo));
  const came: TaskId[] = [];
  const retitled: { readonly id: TaskId; readonly section: Section; readonly title: string }[] = [];
  for (const [id, nodes] of tasksById(theirs.nodes.slice(range.from, range.theirsTo))) {
    const was = known.get(id)?.[0];
    if (was === undefined) came.push(id);
    else if (nodes.some((node) => node.task.title !== was.task.title)) retitled.push({ id, section: was.section, title: was.task.title });
  }
  // A copy of a line outside the stretch is no stranger.
  const stands = came.length === 0 ? null : new Set(base.nodes.flatMap((node) => (node.kind === 'task' ? [node.task.id] : [])));
  return { came: came.filter((id) => stands?.has(id) !== true), retitled };
}

/** Sections that lost their heading: a whole section deleted comes back, and its lines mean what they meant. */
function goneSections(base: BoardDoc, theirs: BoardDoc): Set<Section> {
  const headings = (doc: BoardDoc) =>
    new Set(doc.nodes.flatMap((node) => (node.kind === 'heading' && node.section !== null ? [node.section] : [])));
  const present = headings(theirs);
  return new Set([...headings(base)].filter((section) => !present.has(section)));
}

function added(id: TaskId, node: TaskNode): BoardIntent[] {
  const isOver = node.section === 'failed' || node.section === 'completed';
  // Written as cancelled from the beginning: before the daemon knew of it, before it stood on the board, or after the database was lost.
  if (node.task.mark.kind === 'failed' && !isOver)
    return [{ kind: 'cancel', task: id, reason: reasonOf({ ...node, lines: node.lines.slice(0, 1) }, node, []), line: node.at }];
  return waits(node) ? [asAdded(id, node)] : [];
}

function asAdded(id: TaskId, node: TaskNode): BoardIntent {
  const { title, priority } = node.task;
  const number = isRacer(id) ? null : issueNumber(id);
  const line = { title, priority: priority ?? DEFAULT_PRIORITY, line: node.at };
  return number === null ? { kind: 'add', key: id, number, task: id, ...line } : { kind: 'add', key: id, number, ...line };
}

function changed(id: TaskId, was: TaskNode, node: TaskNode, gone: ReadonlySet<Section>, memory: BoardMemory): BoardIntent[] {
  const line = node.at;
  const moved = node.section !== was.section && !gone.has(was.section);
  const marked = node.task.mark.kind !== was.task.mark.kind;
  const intents: BoardIntent[] = [];
  if (cancels(was, node, moved, marked))
    return [{ kind: 'cancel', task: id, reason: reasonOf(was, node, memory.lines[id]?.details ?? []), line }];
  if (was.section === 'pending' && marked && node.task.mark.kind === 'ticked') return [{ kind: 'remove', task: id }];
  // A line that the daemon knows nothing of (its database was lost) is a new one once it is to run.
  const isStranger = memory.strangers?.includes(id) === true;
  if (isStranger && (retries(was, node, moved, marked) || (!waits(was) && waits(node)))) return [asAdded(id, node)];
  if (retries(was, node, moved, marked)) intents.push({ kind: 'retry', task: id, line });
  const priority = priorityChange(was, node);
  if (priority !== null) intents.push({ kind: 'priority', task: id, priority, line });
  if (node.task.title !== was.task.title && node.task.title !== '')
    intents.push({ kind: 'retitle', task: id, title: node.task.title, line });
  return intents;
}

const waits = ({ section, task }: TaskNode): boolean => section === 'pending' && task.mark.kind === 'open';

/** Moved to Failed, or marked as failed, from where something can still be cancelled. */
function cancels(was: TaskNode, node: TaskNode, moved: boolean, marked: boolean): boolean {
  if (was.section === 'failed' || was.section === 'completed') return false;
  return (moved && node.section === 'failed') || (marked && node.task.mark.kind === 'failed');
}

/** Back under Pending with an empty box, or an empty box where it stands. */
function retries(was: TaskNode, node: TaskNode, moved: boolean, marked: boolean): boolean {
  if (was.section === 'pending' || was.section === 'active' || node.task.mark.kind !== 'open') return false;
  return moved ? node.section === 'pending' : marked;
}

/** Outside Pending a line without a tag says nothing about the priority, nor does one that comes from there. */
function priorityChange(was: TaskNode, node: TaskNode): Priority | null {
  const then = was.task.priority ?? (was.section === 'pending' ? DEFAULT_PRIORITY : null);
  const now = node.task.priority ?? (was.section === 'pending' && node.section === 'pending' ? DEFAULT_PRIORITY : null);
  return now === then ? null : now;
}

/** `- Reason:` in the person's words; else the words that they put in the title's place beside a failed mark. Word for word. */
function reasonOf(was: TaskNode, node: TaskNode, own: readonly string[]): string | null {
  const known = new Set([...own, ...was.lines.slice(1).map((line) => bodyOf(line).trim())]);
  for (const line of node.lines.slice(1)) {
    const text = bodyOf(line).trim();
    const found = isRemark(line) || known.has(text) ? null : /^(?:[-*+]\s+)?Reason:\s*(\S.*)$/i.exec(text);
    if (found?.[1] !== undefined) return found[1];
  }
  const words = node.task.title;
  return node.task.mark.kind === 'failed' && words !== '' && words !== was.task.title ? words : null;
}

/** Lines without an id that were not there before. */
function newLines(base: BoardDoc, theirs: BoardDoc): BoardIntent[] {
  const keysIn = (doc: BoardDoc) => addKeys(doc.nodes.filter((node) => node.kind === 'task').filter((node) => node.task.id === null));
  const old = new Set([...keysIn(base)].filter(([node]) => node.section === 'pending').map(([, key]) => key));
  const intents: BoardIntent[] = [];
  for (const [node, key] of keysIn(theirs)) {
    const { mark, title, priority } = node.task;
    if (old.has(key) || node.section !== 'pending' || mark.kind !== 'open' || title === '') continue;
    intents.push({ kind: 'add', key, number: null, title, priority: priority ?? DEFAULT_PRIORITY, line: node.at });
  }
  return intents;
}

/** The pending tasks in the person's order, if those that stand in both versions changed places. */
function order(base: BoardDoc, theirs: BoardDoc, range: Range): BoardIntent[] {
  const row = (nodes: readonly BoardNode[]): TaskId[] =>
    nodes.flatMap((node) => (node.kind === 'task' && node.section === 'pending' && node.task.id !== null ? [node.task.id] : []));
  const before = row(base.nodes.slice(range.from, range.baseTo));
  const now = row(theirs.nodes.slice(range.from, range.theirsTo));
  const [inBefore, inNow] = [new Set(before), new Set(now)];
  const then = before.filter((id) => inNow.has(id));
  const tasks = now.filter((id) => inBefore.has(id));
  if (then.length !== tasks.length || then.every((id, at) => id === tasks[at])) return [];
  return [{ kind: 'order', tasks: [...new Set(row(theirs.nodes))] }];
}
