import { applyView, type LeftBlock } from './apply.ts';
import type { BoardBase } from './base.ts';
import type { Hold } from './hold.ts';
import { type MergeNote, mergeBoards } from './merge.ts';
import { stampOf, versionOf } from './parse.ts';
import { splitLines } from './syntax.ts';
import { theirsOf, type Versions } from './take.ts';
import type { BoardView } from './view.ts';

export type PublishPlan =
  /** The file shows the view already. */
  | { readonly kind: 'same'; readonly base: BoardBase }
  | { readonly kind: 'held'; readonly hold: Hold }
  | {
      readonly kind: 'write';
      readonly text: string;
      /** What the next comparison starts from once the text is written: the daemon's changes alone, without edits not yet taken in. */
      readonly base: BoardBase & { readonly text: string };
      readonly left: readonly LeftBlock[];
      readonly notes: readonly MergeNote[];
    };

/**
 * The text that `tasks.md` should have: three-way from the base, the file as it is (null: none) and the view. Pure. An edit that the
 * engine has not seen yet is carried over untouched and stays an edit against the new base.
 */
export function planPublish(view: BoardView, stored: BoardBase, file: string | null, older: Versions, restore = false): PublishPlan {
  const missing = file === null || restore;
  const theirs = missing ? null : theirsOf(stored, file, older);
  if (theirs?.hold) return { kind: 'held', hold: theirs.hold };
  const from = theirs?.base ?? { text: stored.text, memory: stored.memory ?? { lines: {}, spoken: [], names: {} } };
  const applied = applyView(view, from.text, from.memory, stored.given);
  const merged =
    theirs === null ? { text: applied.text, notes: [] } : mergeBoards(from.text ?? '', theirs.text, applied.text, from.memory.names);
  const notes = [...(theirs?.notes ?? []), ...merged.notes];
  if (merged.text === file) return { kind: 'same', base: { text: applied.text, memory: applied.memory } };
  const stamp = nextVersion(view.updatedAt, older, [from.text, file]);
  const base = { text: withVersion(applied.text, stamp), memory: applied.memory };
  return { kind: 'write', text: withVersion(merged.text, stamp), base, left: applied.left, notes };
}

/** The time, told apart from other versions of the same second by a count in a comment. */
function nextVersion(time: string, older: Versions, texts: readonly (string | null)[]): string {
  const taken = new Set(texts.map((text) => (text === null ? null : versionOf(text))));
  let version = time;
  for (let count = 2; taken.has(version) || older(version).length > 0; count += 1) version = `${time} <!-- ${count} -->`;
  return version;
}

function withVersion(text: string, version: string): string {
  const old = versionOf(text);
  if (old === null) return text;
  const lines = splitLines(text);
  const at = lines.findIndex((line) => stampOf(line) !== null);
  return lines.with(at, (lines[at] ?? '').replace(old, version)).join('');
}
