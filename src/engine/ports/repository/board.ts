import type { BoardBase } from '../../../core/board/line/base.ts';
import type { BoardIntent, BoardProblem, BoardView } from '../../../core/board/text/view.ts';
import type { HeldEdit } from '../records/facts.ts';

/** The queue in `tasks.md`. */
export interface Board {
  /** What a person changed since `base`. `accept`: the token of a held edit that a person said is meant. */
  read(base: BoardBase, options?: { readonly accept?: string }): Promise<BoardReading>;
  /**
   * Writes the view into the file as it is now; answers the new base. Writes nothing when nothing changed or while an edit is held.
   * `record` is called with the base to store durably before the file is touched: after a crash the next `read` finds out from it
   * whether the write took place. `restore`: puts the board back over a held edit, which is kept as a copy.
   */
  publish(view: BoardView, base: BoardBase, options?: PublishOptions): Promise<BoardBase>;
  close(): Promise<void>;
}

export interface PublishOptions {
  readonly record?: (base: BoardBase) => void | Promise<void>;
  readonly restore?: boolean;
}

export interface BoardReading {
  readonly intents: readonly BoardIntent[];
  readonly problems: readonly BoardProblem[];
  /** The base to store in the same transaction that takes the intents in. */
  readonly base: BoardBase;
  /** An edit that looks like an accident: nothing of it is taken in until a person says so. */
  readonly held: HeldEdit | null;
}
