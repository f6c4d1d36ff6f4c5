import type { BoardProblem } from '../../core/board/text/view.ts';
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

/** The port, and what the doctor asks besides. */
export interface FileBoard extends Board {
  /** What a person would be told of the present file. */
  lint(): Promise<readonly BoardProblem[]>;
  capabilities(): Promise<Capabilities>;
}
