import type { RunIn } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import type { Draft } from '../tick/draft.ts';
import type { Policy } from '../tick/policy.ts';
import type { World } from '../tick/world.ts';

/** A run that has ended, as this tick has made it so far, and all that a step may look at and change. */
export interface Case {
  readonly draft: Draft;
  readonly world: World;
  readonly policy: Policy;
  readonly run: RunIn<'ended'>;
  readonly now: Ms;
}
