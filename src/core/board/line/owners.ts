import type { BoardDoc, BoardNode, TaskNode } from '../text/parse.ts';
import { bodyOf } from '../text/syntax.ts';
import type { BoardLine, BoardView } from '../text/view.ts';
import type { BoardMemory } from './base.ts';
import { shownTitle } from './render.ts';

/** A line of the view, and its place there. */
interface Wanted {
  readonly id: string;
  readonly line: BoardLine;
  readonly rank: number;
}

/** Whose line a node is: of a task that the view shows, or of one that left the board. */
export type Owner = Wanted | { readonly id: string; readonly line: undefined };

/**
 * For each node whose line it is: of a task's lines the one that stands in the section it belongs to, else where the daemon's line
 * stood, else the first; other copies belong to nobody. A line that a person wrote and the daemon does not show is a person's text.
 */
export function ownersOf(
  doc: BoardDoc,
  view: BoardView,
  memory: BoardMemory,
  given: Readonly<Record<string, string>>,
): readonly (Owner | undefined)[] {
  const wanted = new Map<string, Wanted>();
  view.lines.forEach((line, rank) => {
    wanted.set(line.id, { id: line.id, line, rank });
  });
  const strangers = new Set(memory.strangers);
  const owners: (Owner | undefined)[] = new Array(doc.nodes.length);
  const taken = new Map<string, number>();
  const nameless: number[] = [];
  doc.nodes.forEach((node, at) => {
    if (node.kind !== 'task') return;
    const { id } = node.task;
    if (id === null) {
      nameless.push(at);
      return;
    }
    const want = wanted.get(id);
    if (want === undefined && strangers.has(id)) return;
    const before = taken.get(id);
    if (before !== undefined) {
      const stood = memory.lines[id]?.section ?? 'pending';
      const home = want?.line.section ?? stood;
      const closeness = ({ section }: BoardNode): number => (section === home ? 2 : section === stood ? 1 : 0);
      const other = doc.nodes[before];
      if (other !== undefined && closeness(other) >= closeness(node)) return;
      owners[before] = undefined;
    }
    owners[at] = want ?? { id, line: undefined };
    taken.set(id, at);
  });
  for (const [at, want] of nameLines(doc, nameless, view, { wanted, taken, given })) owners[at] = want;
  return owners;
}

/**
 * Of a task that stands twice, the line that was the daemon's as long as the task stood elsewhere, where a copy now is the line of
 * record: what it shows has ceased to be true. At the index of its node.
 */
export function formerLines(doc: BoardDoc, owners: readonly (Owner | undefined)[], memory: BoardMemory): ReadonlySet<number> {
  const moved = new Map<string, string>();
  doc.nodes.forEach((node, at) => {
    const owner = owners[at];
    if (owner?.line === undefined || owner.line.section !== node.section) return;
    const before = memory.lines[owner.id]?.section;
    if (before !== undefined && before !== node.section) moved.set(owner.id, before);
  });
  const former = new Set<number>();
  doc.nodes.forEach((node, at) => {
    if (node.kind !== 'task' || node.task.id === null || moved.get(node.task.id) !== node.section) return;
    moved.delete(node.task.id);
    former.add(at);
  });
  return former;
}

interface Names {
  readonly wanted: ReadonlyMap<string, Wanted>;
  readonly taken: ReadonlyMap<string, number>;
  readonly given: Readonly<Record<string, string>>;
}

/** Lines without an id get theirs: by the key of their `add` intent, else by the title of a local task that has no line yet. */
function nameLines(doc: BoardDoc, nameless: readonly number[], view: BoardView, { wanted, taken, given }: Names): Map<number, Wanted> {
  const named = new Map<number, Wanted>();
  const nodes = nameless.flatMap((at) => {
    const node = doc.nodes[at];
    return node?.kind === 'task' ? [{ at, node }] : [];
  });
  if (!nodes.some(({ node }) => node.section === 'pending')) return named;
  const free = new Set(view.lines.map((line) => line.id as string).filter((id) => id.startsWith('local-') && !taken.has(id)));
  const byTitle = new Map<string, string[]>();
  for (const id of free) {
    const title = shownTitle(wanted.get(id)?.line.title ?? '');
    byTitle.set(title, [...(byTitle.get(title) ?? []), id]);
  }
  const keys = addKeys(nodes.map(({ node }) => node));
  for (const { at, node } of nodes) {
    if (node.section !== 'pending') continue;
    const key = keys.get(node) ?? '';
    const meant = Object.hasOwn(given, key) ? (given[key] ?? '') : '';
    const id = wanted.has(meant) && !taken.has(meant) ? meant : byTitle.get(shownTitle(node.task.title))?.find((other) => free.has(other));
    const want = id === undefined ? undefined : wanted.get(id);
    if (id === undefined || want === undefined) continue;
    free.delete(id);
    named.set(at, want);
  }
  return named;
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
