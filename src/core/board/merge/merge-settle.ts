import type { BoardDoc, BoardNode } from '../text/parse.ts';

/** What the three versions hold of one node. */
export interface Versions3 {
  readonly base: BoardNode | undefined;
  readonly theirs: BoardNode | undefined;
  readonly ours: BoardNode | undefined;
}

/** One place in the result. */
export interface Item {
  readonly key: string;
  readonly from: 'theirs' | 'ours';
  readonly node: BoardNode;
  /** All three versions hold it at this place. */
  readonly steady: boolean;
  readonly three: Versions3;
}

/** Nodes that can be told apart: tasks with an id, our headings, the line with the time; not a line of prose or a task without an id. */
export const isNamed = (key: string): boolean => !key.startsWith('l:') && !key.startsWith('n:');

export function sameLines(one: BoardNode, two: BoardNode): boolean {
  return one.lines.length === two.lines.length && one.lines.every((line, at) => line === two.lines[at]);
}

/** The three documents and which of their nodes are the same. */
export interface Merging {
  readonly docs: { readonly base: BoardDoc; readonly theirs: BoardDoc; readonly ours: BoardDoc };
  /** For each node of the base its partner's index, or -1. */
  readonly toTheirs: Int32Array;
  readonly toOurs: Int32Array;
}

/** Lets each named node stand once: where the person put it, or not at all when they took it out. */
export function settle(items: readonly Item[], merging: Merging): Item[] {
  const moved = new Set<string>();
  merging.docs.base.nodes.forEach((node, at) => {
    if (merging.toTheirs[at] === -1 && isNamed(node.key)) moved.add(node.key);
  });
  const count = new Map<string, number>();
  for (const { key, steady } of items) if (!steady && isNamed(key)) count.set(key, (count.get(key) ?? 0) + 1);
  const kept = items.filter(({ key, steady, three: { base, theirs, ours }, from }) => {
    if (steady || !isNamed(key)) return true;
    if (base !== undefined && theirs === undefined) return false;
    if ((count.get(key) ?? 0) < 2) return true;
    const theirsWins = base === undefined ? theirs?.section === ours?.section : moved.has(key);
    return from === (theirsWins ? 'theirs' : 'ours');
  });
  return rescue(kept, items, merging);
}

/** A task that ours took out while a person edited it stays: their words are in it. */
function rescue(kept: Item[], all: readonly Item[], merging: Merging): Item[] {
  for (const { at, node, base } of lostNodes(all, merging)) {
    const present = new Map(kept.map((item, spot) => [item.three.theirs ?? item.node, spot]));
    const before = merging.docs.theirs.nodes.slice(0, at).findLast((other) => present.has(other));
    const spot = before === undefined ? 0 : (present.get(before) ?? -1) + 1;
    kept.splice(spot, 0, { key: node.key, from: 'theirs', node, steady: false, three: { base, theirs: node, ours: undefined } });
  }
  return kept;
}

/** Tasks that stand in theirs, edited, and no more in ours, and found no place. */
function lostNodes(all: readonly Item[], { docs, toTheirs, toOurs }: Merging) {
  const placed = new Set<string>();
  for (const item of all) if (!item.steady) placed.add(item.key);
  const before = new Map<string, BoardNode>();
  docs.base.nodes.forEach((node, at) => {
    const steady = toTheirs[at] !== -1 && toOurs[at] !== -1;
    if (!steady && isNamed(node.key) && !placed.has(node.key)) before.set(node.key, node);
  });
  if (before.size === 0) return [];
  return docs.theirs.nodes.flatMap((node, at) => {
    const base = before.get(node.key);
    const edited = base !== undefined && !(sameLines(base, node) && base.section === node.section);
    return edited ? [{ at, node, base }] : [];
  });
}
