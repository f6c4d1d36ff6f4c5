import type { BoardBase } from '../line/base.ts';
import type { MergeNote } from '../merge/merge.ts';
import type { BoardIntent, BoardProblem } from '../text/view.ts';
import type { Hold } from './hold.ts';

export interface TakenIn {
  readonly intents: readonly BoardIntent[];
  readonly problems: readonly BoardProblem[];
  readonly notes: readonly MergeNote[];
  readonly hold: Hold | null;
  readonly base: BoardBase;
}
