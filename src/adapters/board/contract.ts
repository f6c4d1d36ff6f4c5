import type { Hold } from '../../core/board/edit/hold.ts';
import type { BoardBase } from '../../core/board/line/base.ts';
import type { MergeNote } from '../../core/board/merge/merge.ts';
import type { BoardIntent, BoardProblem } from '../../core/board/text/view.ts';
import type { Board } from '../../engine/ports/repository/board.ts';
import type { Capabilities } from './file/capabilities.ts';
import type { WriteWay } from './file/swap.ts';

export interface BoardOptions {
  /** `tasks.md`; may be a symbolic link. */
  readonly path: string;
  /** A private folder, `.tac8/board`. */
  readonly dir: string;
  /** Folder for the lines of completed tasks that leave the board, one file a month; null: the store alone keeps them. */
  readonly archive?: string | null;
  /** A text counts as saved when nobody wrote for this long. */
  readonly settleMs?: number;
  /** How long a replaced file is watched for late writers. */
  readonly watchMs?: number;
  readonly keepMs?: number;
  /** Tests: do as on a file system that cannot exchange. */
  readonly way?: WriteWay;
  readonly onNote?: (note: BoardNote) => void;
}

/** Something a person should know about their words. */
export interface BoardNote {
  readonly line: number;
  readonly message: string;
  /** Words that are not in the file. */
  readonly words: string;
  /** The copy that holds the whole text. */
  readonly copy: string | null;
}

/** What a person's edit comes to, once it is brought onto the file as it is now. */
export interface BoardDraft {
  /** The whole text. */
  readonly text: string;
  readonly intents: readonly BoardIntent[];
  readonly problems: readonly BoardProblem[];
  /** Words of either side that would not be in it: both changed the same line. */
  readonly lost: readonly MergeNote[];
  /** The file as it is now. */
  readonly now: string;
  /** It looks like an accident. */
  readonly hold: Hold | null;
}

/** What an edit that looks like an accident would come to, taken in as it is. */
export interface MeantEdit {
  /** Names this very text. */
  readonly token: string;
  readonly intents: readonly BoardIntent[];
  /** It cannot be taken in at all, whoever says that it is meant. */
  readonly hold: Hold | null;
}

/** The port, and what the doctor asks besides. */
export interface FileBoard extends Board {
  /** What a person would be told of the present file. */
  lint(): Promise<readonly BoardProblem[]>;
  capabilities(): Promise<Capabilities>;
  /** The text of the file now; null: there is none. */
  text(): Promise<string | null>;
  /** What the file as it stands would come to, were a person to say that it is meant; null: there is none. */
  meant(base: () => BoardBase): Promise<MeantEdit | null>;
  /** What an edit of the text `from` into `text` comes to. Nothing is written. */
  draft(base: () => BoardBase, from: string, text: string): Promise<BoardDraft>;
  /**
   * The same, saved into the file as an editor would that overwrites nothing; not where words would be lost, nor where it looks like an accident.
   * `held`: there too, to be held until a person says that it is meant.
   */
  save(
    base: () => BoardBase,
    from: string,
    text: string,
    options?: { readonly held?: boolean },
  ): Promise<BoardDraft & { readonly isSaved: boolean }>;
}
