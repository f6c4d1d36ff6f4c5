import type { TaskId } from '../../model/task.ts';
import type { HeadingNames } from '../text/heading.ts';
import type { Section } from '../text/view.ts';

/** What the next comparison starts from. Plain JSON; the store keeps it as one fact. */
export interface BoardBase {
  /** The text that the daemon last wrote or took in; null: there was never a file. */
  readonly text: string | null;
  readonly memory?: BoardMemory;
  /** A version that was about to be written: after a crash nobody knows whether it was. Settled by the next `read`. */
  readonly next?: { readonly text: string; readonly memory: BoardMemory };
  /** Ids that were given to lines without one, by the `key` of their `add` intent; `publish` writes them in and forgets them. */
  readonly given?: Readonly<Record<string, TaskId>>;
}

/** What in the text is the daemon's own; the rest belongs to people. Short even for a long board. */
export interface BoardMemory {
  /**
   * The title and the detail lines as the daemon last wrote them. A line that is not listed here has no details of the daemon's, and
   * the title in it is the daemon's.
   */
  readonly lines: Readonly<Record<string, OwnLine>>;
  /** Tasks whose line a person wrote and that the daemon does not show so far. */
  readonly strangers?: readonly string[];
  /** Lines that were already told to be unreadable; a person may delete the comment. */
  readonly spoken: readonly string[];
  /** Sections that a person gave another heading. */
  readonly names: HeadingNames;
}

export interface OwnLine {
  readonly section: Section;
  readonly title: string;
  readonly details: readonly string[];
}

export const NO_MEMORY: BoardMemory = { lines: {}, spoken: [], names: {} };
