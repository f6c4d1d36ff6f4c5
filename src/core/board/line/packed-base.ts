import { deltaOf, patched, type TextDelta } from '../text/delta.ts';
import type { BoardBase, BoardMemory, OwnLine } from './base.ts';

/** A text and a memory that stand in the store whole, and are told apart from others by a number. */
export interface WholeBase {
  readonly whole: number;
  readonly text: string;
  readonly memory: BoardMemory;
}

interface Packed {
  readonly text: TextDelta;
  readonly memory: Omit<BoardMemory, 'lines'> & { readonly set: BoardMemory['lines']; readonly gone: readonly string[] };
}

/** A base as what differs from a whole one: of a long board an event changes a line or two. */
export interface PackedBase {
  readonly of: number;
  readonly now: Packed;
  readonly next?: Packed;
  readonly given?: NonNullable<BoardBase['given']>;
}

/** More lines of the daemon's own than this, or half of all, are better told whole again. */
const MANY = 50;

/** Null: it differs by too much, or there is no text yet. */
export function packBase(whole: WholeBase, base: BoardBase): PackedBase | null {
  // What is known of no line is not the same as nothing known.
  if (base.text === null || base.memory === undefined) return null;
  const now = pack(whole, base.text, base.memory);
  const next = base.next === undefined ? undefined : pack(whole, base.next.text, base.next.memory);
  if (now === null || next === null) return null;
  return { of: whole.whole, now, ...(next === undefined ? {} : { next }), ...(base.given === undefined ? {} : { given: base.given }) };
}

/** Null: it does not belong to this whole one. */
export function unpackBase(whole: WholeBase, packed: PackedBase): BoardBase | null {
  if (packed.of !== whole.whole) return null;
  const now = unpack(whole, packed.now);
  const next = packed.next === undefined ? undefined : unpack(whole, packed.next);
  if (now === null || next === null) return null;
  return { ...now, ...(next === undefined ? {} : { next }), ...(packed.given === undefined ? {} : { given: packed.given }) };
}

function pack(whole: WholeBase, text: string, memory: BoardMemory): Packed | null {
  const delta = deltaOf(whole.text, text);
  if (delta === null) return null;
  const { lines, ...others } = memory;
  const set: Record<string, OwnLine> = {};
  let count = 0;
  for (const [id, line] of Object.entries(lines)) {
    if (isSame(whole.memory.lines[id], line)) continue;
    set[id] = line;
    count += 1;
  }
  const gone = Object.keys(whole.memory.lines).filter((id) => lines[id] === undefined);
  if (count + gone.length > Math.max(MANY, Object.keys(lines).length / 2)) return null;
  return { text: delta, memory: { ...others, set, gone } };
}

function unpack(whole: WholeBase, packed: Packed): { readonly text: string; readonly memory: BoardMemory } | null {
  const text = patched(whole.text, packed.text);
  if (text === null) return null;
  const { set, gone, ...others } = packed.memory;
  const away = new Set(gone);
  const kept = Object.entries(whole.memory.lines).filter(([id]) => !away.has(id));
  return { text, memory: { ...others, lines: { ...Object.fromEntries(kept), ...set } } };
}

function isSame(one: OwnLine | undefined, two: OwnLine): boolean {
  if (one === two) return true;
  if (one === undefined || one.section !== two.section || one.title !== two.title || one.details.length !== two.details.length)
    return false;
  return one.details.every((detail, at) => detail === two.details[at]);
}
