import type { BoardBase } from '../../core/board/base.ts';
import type { TakenIn } from '../../core/board/take.ts';
import type { BoardProblem, BoardView } from '../../core/board/view.ts';
import type { Capabilities } from './capabilities.ts';
import type { WriteWay } from './swap.ts';

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

export interface HeldEdit {
  readonly kind: string;
  readonly message: string;
  readonly hint: string;
  /** Names this very text: an answer to the question counts for it alone. */
  readonly token: string;
}

export interface BoardReading extends Omit<TakenIn, 'hold'> {
  readonly held: HeldEdit | null;
}

export interface Board {
  /** What a person changed since `base`. `accept`: the token of a held edit that a person said is meant. */
  read(base: BoardBase, options?: { readonly accept?: string }): Promise<BoardReading>;
  /**
   * Writes the view into the file as it is now; answers the new base. Writes nothing when nothing changed or while an edit is held.
   * `record` is called with the base to store durably before the file is touched: after a crash the next `read` finds out from it
   * whether the write took place. `restore`: puts the board back over a held edit, which is kept as a copy.
   */
  publish(view: BoardView, base: BoardBase, options?: PublishOptions): Promise<BoardBase>;
  /** What the present file would do, without doing it. */
  preview(base: BoardBase): Promise<BoardReading>;
  lint(): Promise<readonly BoardProblem[]>;
  capabilities(): Promise<Capabilities>;
  /** Looks at replaced files a last time and stops watching them. */
  close(): Promise<void>;
}

export interface PublishOptions {
  readonly record?: (base: BoardBase) => void | Promise<void>;
  readonly restore?: boolean;
}
