import type { BoardMemory } from './base.ts';
import type { BoardDoc, BoardNode, TaskNode } from './parse.ts';
import { shownTitle } from './render.ts';
import { bodyOf } from './syntax.ts';
import type { BoardLine, BoardView } from './view.ts';

/**
 * Which node is whose line: the task that stands in the section it belongs to, else the first; later copies belong to nobody.
 * A line with an id that the daemon neither shows nor ever showed is a person's text.
 */
export function ownersOf(
  doc: BoardDoc,
  wanted: ReadonlyMap<string, BoardLine>,
  memory: BoardMemory,
  given: Readonly<Record<string, string>>,
  view: BoardView,
): Map<BoardNode, string> {
  const best = new Map<string, TaskNode>();
  const nameless: TaskNode[] = [];
  for (const node of doc.nodes) {
    if (node.kind !== 'task') continue;
    const id = node.task.id;
    if (id === null) nameless.push(node);
    else if (wanted.has(id) || Object.hasOwn(memory.lines, id)) {
      const known = best.get(id);
      const home = wanted.get(id)?.section;
      if (known === undefined || (known.section !== home && node.section === home)) best.set(id, node);
    }
  }
  nameLines(nameless, best, wanted, given, view);
  return new Map([...best].map(([id, node]) => [node, id]));
}

/** Lines without an id get theirs: by the key of their `add` intent, else by the title of a local task that has no line yet. */
function nameLines(
  nameless: readonly TaskNode[],
  best: Map<string, TaskNode>,
  wanted: ReadonlyMap<string, BoardLine>,
  given: Readonly<Record<string, string>>,
  view: BoardView,
): void {
  const waiting = nameless.filter((node) => node.section === 'pending');
  if (waiting.length === 0) return;
  const byTitle = new Map<string, string[]>();
  for (const line of view.lines) {
    if (!line.id.startsWith('local-') || best.has(line.id)) continue;
    const title = shownTitle(line.title);
    byTitle.set(title, [...(byTitle.get(title) ?? []), line.id]);
  }
  const keys = addKeys(nameless);
  for (const node of waiting) {
    const key = keys.get(node) ?? '';
    const named = Object.hasOwn(given, key) ? given[key] : undefined;
    const useful = named !== undefined && wanted.has(named) && !best.has(named);
    const id = useful ? named : byTitle.get(shownTitle(node.task.title))?.find((other) => !best.has(other));
    if (id !== undefined) best.set(id, node);
  }
}

/** Finds a line without an id again: its words, and which of several with these words it is. */
export function addKeys(nodes: readonly TaskNode[]): Map<TaskNode, string> {
  const seen = new Map<string, number>();
  const keys = new Map<TaskNode, string>();
  for (const node of nodes) {
    const words = bodyOf(node.lines[0] ?? '').trim();
    const count = seen.get(words) ?? 0;
    seen.set(words, count + 1);
    keys.set(node, `${words}#${count}`);
  }
  return keys;
}
