import type { BoardMemory } from '../line/base.ts';
import type { Shown } from '../line/shown.ts';

/** A task whose line left the board, with all that stood below it. */
export interface LeftBlock {
  readonly id: string;
  readonly section: string;
  readonly text: string;
  /** What in it is a person's. */
  readonly words: string;
}

export interface Applied {
  readonly text: string;
  readonly memory: BoardMemory;
  readonly left: readonly LeftBlock[];
  /** For the next time; null: there is nothing to gain. */
  readonly shown: Shown | null;
}
