import type { Policy } from '../../src/core/policy.ts';
import type { Ms } from '../../src/core/seen.ts';
import type { StoreContents } from '../../src/adapters/store/memory.ts';
import type { Judge } from './judge/judge.ts';
import type { Random } from './random.ts';
import type { Safeguard } from './safeguards.ts';
import type { Timeline } from './timeline.ts';
import type { Troubles } from './troubles.ts';
import type { BoardFile } from './truth/board-file.ts';
import type { Conversations } from './truth/conversations.ts';
import type { ForgeTruth } from './truth/forge.ts';
import type { Kernel } from './truth/kernel.ts';
import type { RepositoryTruth } from './truth/repository.ts';
import type { Bans } from './judge/bans.ts';
import type { Witness } from './judge/witness.ts';

/** Everything there is in one simulation. What a daemon's death leaves standing is all of it. */
export interface Stage {
  readonly seed: number;
  readonly timeline: Timeline;
  readonly troubles: Troubles;
  readonly judge: Judge;
  readonly policy: Policy;
  /** The safeguard that is taken away, if one is. */
  readonly without: Safeguard | null;
  readonly contents: StoreContents;
  readonly kernel: Kernel;
  readonly forge: ForgeTruth;
  readonly repository: RepositoryTruth;
  readonly board: BoardFile;
  readonly conversations: Conversations;
  readonly bans: Bans;
  readonly witness: Witness;
  random(...path: readonly (string | number)[]): Random;
  /** A line for the person who looks at a failing seed; put together only when somebody does. */
  trace(words: () => string): void;
  /** Some call will not answer for so long: no bound holds meanwhile. */
  waits(delay: Ms): void;
  /** Whether a daemon runs now. */
  isUp(): boolean;
  /** Nothing new goes wrong any more, and agents behave. */
  isCalm(): boolean;
  /** Wakes the daemon as its watchers do, or not, when they are deaf. */
  ring(): void;
}
