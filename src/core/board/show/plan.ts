import type { Hold } from '../edit/hold.ts';
import { theirsOf, type Versions } from '../edit/take.ts';
import type { BoardBase } from '../line/base.ts';
import { keepShown, type Stretch, shifted } from '../line/shown.ts';
import { type MergeNote, mergeBoards } from '../merge/merge.ts';
import { nextVersion, versionOf, withVersion } from '../text/version.ts';
import type { BoardView } from '../text/view.ts';
import type { Applied, LeftBlock } from './applied.ts';
import { applyView } from './apply.ts';

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
  if (merged.text === onDisk) {
    remember(applied, applied.text);
    return { kind: 'same', base: { text: applied.text, memory: applied.memory } };
  }
  const now = [from.text, file, onDisk].map((text) => (text === null ? null : versionOf(text)));
  const stamp = nextVersion(view.updatedAt, (version) => now.includes(version) || older(version).length > 0);
  const base = { text: withVersion(applied.text, stamp), memory: applied.memory };
  remember(applied, base.text);
  const whole = merged.text === applied.text ? base.text : withVersion(merged.text, stamp);
  return { kind: 'write', text: whole, base, left: applied.left, notes };
}

/** What the text with its new version shows: the line with the time stands above all. */
function remember({ text, shown }: Applied, stamped: string): void {
  if (shown === null) return;
  const by = stamped.length - text.length;
  const moved = ({ rank, starts }: Stretch): Stretch => ({ rank, starts: shifted(starts, by) });
  keepShown({ ...shown, text: stamped, stretches: shown.stretches.map(moved) });
}
