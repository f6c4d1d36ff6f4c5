import type { HeadingNames } from '../text/heading.ts';
import { matchRows } from '../text/match.ts';
import { type BoardDoc, type BoardNode, parseBoard } from '../text/parse.ts';
import { eolOf, withEnding } from '../text/syntax.ts';
import { type BlockNote, mergeBlock } from './merge-block.ts';
import { mergeRows, type Place } from './merge-rows.ts';
import { type Item, isNamed, type Merging, sameLines, settle, type Versions3 } from './merge-settle.ts';

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
  const merging = { docs, toTheirs, toOurs };
  const items = itemsAt(places, merging);
  return write(settle(items, merging), endsOpen(base, theirs, ours));
}

const keysOf = (doc: BoardDoc): string[] => doc.nodes.map((node) => node.key);

/** Each place with what the three versions hold of it; a named node that moved is looked up by its key. */
function itemsAt(places: readonly Place[], { docs, toTheirs, toOurs }: Merging): Item[] {
  const moved = { base: new Map<string, BoardNode>(), theirs: new Map<string, BoardNode>(), ours: new Map<string, BoardNode>() };
  const steady = { theirs: new Uint8Array(docs.theirs.nodes.length), ours: new Uint8Array(docs.ours.nodes.length) };
  docs.base.nodes.forEach((node, at) => {
    const [t, o] = [toTheirs[at] ?? -1, toOurs[at] ?? -1];
    if (t !== -1 && o !== -1) {
      steady.theirs[t] = 1;
      steady.ours[o] = 1;
      return;
    }
    if (isNamed(node.key)) moved.base.set(node.key, node);
  });
  for (const side of ['theirs', 'ours'] as const)
    docs[side].nodes.forEach((node, at) => {
      if (steady[side][at] === 0 && isNamed(node.key)) moved[side].set(node.key, node);
    });
  return places.map((place): Item => {
    const node = docs[place.from].nodes[place.at];
    if (node === undefined) throw new Error(`merge: no node ${place.at} in ${place.from}`);
    if (place.base !== undefined) {
      const three = { base: docs.base.nodes[place.base], theirs: docs.theirs.nodes[place.theirs ?? -1], ours: node };
      return { key: node.key, from: place.from, node, steady: true, three };
    }
    const { key } = node;
    const three = isNamed(key) ? { base: moved.base.get(key), theirs: moved.theirs.get(key), ours: moved.ours.get(key) } : NOTHING;
    return { key, from: place.from, node, steady: false, three };
  });
}

const NOTHING: Versions3 = { base: undefined, theirs: undefined, ours: undefined };

/** Whether the last line is left without an ending: as the side that changed that has it. */
function endsOpen(...[base, theirs, ours]: readonly [string, string, string]): boolean {
  const [b, t, o] = [base, theirs, ours].map((text) => text !== '' && !text.endsWith('\n'));
  return (t === b ? o : t) === true;
}

function write(items: readonly Item[], open: boolean): Merged {
  const eol = eolOf(items[0]?.node.lines[0] ?? '') || '\n';
  const out: string[] = [];
  const notes: MergeNote[] = [];
  for (const item of items) {
    const found = contentOf(item, eol);
    for (const note of found.notes) notes.push({ line: out.length + 1, ...note });
    for (const line of found.lines) out.push(withEnding(line, eol));
  }
  const last = out.pop() ?? '';
  return { text: out.join('') + (open ? last.slice(0, last.length - eolOf(last).length) : last), notes };
}

const NO_NOTES: readonly BlockNote[] = [];

function contentOf({ node, three }: Item, eol: string): { lines: readonly string[]; notes: readonly BlockNote[] } {
  const { base, theirs, ours } = three;
  if (theirs === undefined || ours === undefined) return { lines: node.lines, notes: NO_NOTES };
  if (sameLines(theirs, ours) || (base !== undefined && sameLines(base, theirs))) return { lines: ours.lines, notes: NO_NOTES };
  // Also the same words with another line ending: a person's editor changed it, and that stands.
  if (base !== undefined && (sameLines(base, ours) || !isNamed(node.key))) return { lines: theirs.lines, notes: NO_NOTES };
  if (theirs.kind === 'task' && ours.kind === 'task') return mergeBlock(base?.kind === 'task' ? base : null, theirs, ours, eol);
  // The time and `(max 3)`: the daemon's fact wins, a person's other words in the line are kept by the note.
  return { lines: ours.lines, notes: [{ message: 'this line is written by tac8; the other version of it', words: theirs.lines.join('') }] };
}
