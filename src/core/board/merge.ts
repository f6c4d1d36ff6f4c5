import type { HeadingNames } from './heading.ts';
import { matchRows } from './match.ts';
import { type BlockNote, mergeBlock } from './merge-block.ts';
import { mergeRows } from './merge-rows.ts';
import { type BoardDoc, type BoardNode, parseBoard } from './parse.ts';
import { eolOf, withEnding } from './syntax.ts';

/** Where both sides had something to say of one line. `words`: what a side wrote that is not in the result; empty where nothing is. */
export interface MergeNote {
  /** Line in the result, from 1. */
  readonly line: number;
  readonly message: string;
  readonly words: string;
}

export interface Merged {
  readonly text: string;
  readonly notes: readonly MergeNote[];
}

/** One place in the result; its text is made of what each version says of this key. */
interface Item {
  readonly key: string;
  readonly from: 'theirs' | 'ours';
  readonly node: BoardNode;
}

/**
 * Brings two versions together that came from one: `theirs` is a person's, `ours` the daemon's (or the newer one). Each line keeps
 * its place and words unless a side changed them; what both put in at one place stands there twice over; a task stands once, where
 * the person put it. An edit that ours knows nothing of is left exactly as it is: deciding what it means is not the merge's.
 */
export function mergeBoards(base: string, theirs: string, ours: string, names: HeadingNames = {}): Merged {
  if (theirs === base || theirs === ours) return { text: ours, notes: [] };
  if (ours === base) return { text: theirs, notes: [] };
  const docs = { base: parseBoard(base, names), theirs: parseBoard(theirs, names), ours: parseBoard(ours, names) };
  const keys = { base: keysOf(docs.base), theirs: keysOf(docs.theirs), ours: keysOf(docs.ours) };
  const toTheirs = matchRows(keys.base, keys.theirs);
  const toOurs = matchRows(keys.base, keys.ours);
  const places = mergeRows(keys, toTheirs, toOurs);
  const baseOfOurs = inverse(toOurs, keys.ours.length);
  const items = places.map(({ from, at }): Item => {
    const node = docs[from].nodes[at];
    if (node === undefined) throw new Error(`merge: no node ${at} in ${from}`);
    const origin = from === 'ours' ? (baseOfOurs[at] ?? -1) : -1;
    const other = docs.theirs.nodes[toTheirs[origin] ?? -1];
    // The same words with another line ending: a person's editor changed it, and that stands.
    const chosen = other !== undefined && rawOf(other) !== rawOf(docs.base.nodes[origin]) ? other : node;
    return { key: node.key, from, node: chosen };
  });
  const index = { base: byKey(docs.base), theirs: byKey(docs.theirs), ours: byKey(docs.ours) };
  return write(settle(items, index, movedKeys(docs.base, toTheirs)), index, endsOpen(base, theirs, ours));
}

function inverse(pairs: Int32Array, length: number): Int32Array {
  const found = new Int32Array(length).fill(-1);
  pairs.forEach((partner, at) => {
    if (partner !== -1) found[partner] = at;
  });
  return found;
}

const keysOf = (doc: BoardDoc): string[] => doc.nodes.map((node) => node.key);

interface Index {
  readonly base: ReadonlyMap<string, BoardNode>;
  readonly theirs: ReadonlyMap<string, BoardNode>;
  readonly ours: ReadonlyMap<string, BoardNode>;
}

/** Nodes that can be told apart: tasks with an id, our headings, the line with the time. */
const isNamed = (key: string): boolean => key.startsWith('t:') || key.startsWith('h:') || key === 's';

const byKey = (doc: BoardDoc): Map<string, BoardNode> =>
  new Map(doc.nodes.filter((node) => isNamed(node.key)).map((node) => [node.key, node]));

const movedKeys = (base: BoardDoc, pairs: Int32Array): Set<string> =>
  new Set(base.nodes.filter((_, at) => pairs[at] === -1).map((node) => node.key));

const rawOf = (node: BoardNode | undefined): string | null => node?.lines.join('') ?? null;

/** Lets each named node stand once: where the person put it, or not at all when they took it out. */
function settle(items: readonly Item[], index: Index, movedByThem: ReadonlySet<string>): Item[] {
  const count = new Map<string, number>();
  for (const { key } of items) count.set(key, (count.get(key) ?? 0) + 1);
  const kept = items.filter((item) => {
    if (!isNamed(item.key)) return true;
    const [base, theirs, ours] = [index.base.get(item.key), index.theirs.get(item.key), index.ours.get(item.key)];
    if (base !== undefined && theirs === undefined) return false;
    if ((count.get(item.key) ?? 0) < 2) return true;
    const theirsWins = base === undefined ? theirs?.section === ours?.section : movedByThem.has(item.key);
    return item.from === (theirsWins ? 'theirs' : 'ours');
  });
  return rescue(kept, index);
}

/** A task that ours took out while a person edited it stays: their words are in it. */
function rescue(items: Item[], index: Index): Item[] {
  const present = new Set(items.map((item) => item.key));
  const result = items;
  const order = [...index.theirs.values()];
  order.forEach((node, at) => {
    const base = index.base.get(node.key);
    if (present.has(node.key) || base === undefined || index.ours.has(node.key)) return;
    if (rawOf(base) === rawOf(node) && base.section === node.section) return;
    const before = order.slice(0, at).findLast((other) => present.has(other.key));
    const spot = before === undefined ? 0 : result.findIndex((item) => item.key === before.key) + 1;
    result.splice(spot, 0, { key: node.key, from: 'theirs', node });
    present.add(node.key);
  });
  return result;
}

/** Whether the last line is left without an ending: as the side that changed that has it. */
function endsOpen(...[base, theirs, ours]: readonly [string, string, string]): boolean {
  const [b, t, o] = [base, theirs, ours].map((text) => text !== '' && !text.endsWith('\n'));
  return (t === b ? o : t) === true;
}

function write(items: readonly Item[], index: Index, open: boolean): Merged {
  const eol = eolOf(items[0]?.node.lines[0] ?? '') || '\n';
  const out: string[] = [];
  const notes: MergeNote[] = [];
  for (const item of items) {
    const found = isNamed(item.key) ? contentOf(item, index, eol) : { lines: item.node.lines, notes: [] };
    for (const note of found.notes) notes.push({ line: out.length + 1, ...note });
    for (const line of found.lines) out.push(withEnding(line, eol));
  }
  const last = out.pop() ?? '';
  return { text: out.join('') + (open ? last.slice(0, last.length - eolOf(last).length) : last), notes };
}

function contentOf(item: Item, index: Index, eol: string): { lines: readonly string[]; notes: readonly BlockNote[] } {
  const base = index.base.get(item.key);
  const theirs = index.theirs.get(item.key);
  const ours = index.ours.get(item.key);
  if (theirs === undefined || ours === undefined) return { lines: item.node.lines, notes: [] };
  if (rawOf(theirs) === rawOf(ours) || (base !== undefined && rawOf(base) === rawOf(theirs))) return { lines: ours.lines, notes: [] };
  if (base !== undefined && rawOf(base) === rawOf(ours)) return { lines: theirs.lines, notes: [] };
  if (theirs.kind === 'task' && ours.kind === 'task') return mergeBlock(base?.kind === 'task' ? base : null, theirs, ours, eol);
  // The time and `(max 3)`: the daemon's fact wins, a person's other words in the line are kept by the note.
  return { lines: ours.lines, notes: [{ message: 'this line is written by tac8; the other version of it', words: rawOf(theirs) ?? '' }] };
}
