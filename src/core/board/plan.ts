import { applyView, type LeftBlock } from './apply.ts';
import type { BoardBase } from './base.ts';
import type { Hold } from './hold.ts';
import { type MergeNote, mergeBoards } from './merge.ts';
import { theirsOf, type Versions } from './take.ts';
import { nextVersion, versionOf, withVersion } from './version.ts';
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
 * The text that `tasks.md` should have: three-way from the base, the file and the view. Pure. An edit that the
 * engine has not seen yet is carried over untouched and stays an edit against the new base.
 * `file` null: there is none. `onDisk` differs from it where a save from an outdated editor was brought up to date in memory.
 */
export function planPublish(
  view: BoardView,
  stored: BoardBase,
  file: string | null,
  older: Versions,
  restore = false,
  onDisk: string | null = file,
): PublishPlan {
  const theirs = file === null || restore ? null : theirsOf(stored, file, older);
  if (theirs?.hold) return { kind: 'held', hold: theirs.hold };
  const from = theirs?.base ?? { text: stored.text, memory: stored.memory ?? { lines: {}, spoken: [], names: {} } };
  const applied = applyView(view, from.text, from.memory, stored.given);
  const merged =
    theirs === null ? { text: applied.text, notes: [] } : mergeBoards(from.text ?? '', theirs.text, applied.text, from.memory.names);
  const gone = applied.left
    .filter(({ words }) => words !== '' && !merged.text.includes(words))
    .map(({ id, words }) => ({ line: 0, message: `${id} left the board, and with it what you wrote there`, words }));
  const notes = [...(theirs?.notes ?? []), ...merged.notes, ...gone];
  if (merged.text === onDisk) return { kind: 'same', base: { text: applied.text, memory: applied.memory } };
  const now = [from.text, file, onDisk].map((text) => (text === null ? null : versionOf(text)));
  const stamp = nextVersion(view.updatedAt, (version) => now.includes(version) || older(version).length > 0);
  const base = { text: withVersion(applied.text, stamp), memory: applied.memory };
  return { kind: 'write', text: withVersion(merged.text, stamp), base, left: applied.left, notes };
}
