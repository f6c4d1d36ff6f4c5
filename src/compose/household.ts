import { WORKTREE_ERRORS_BOUND } from '../core/household/health.ts';
import { type Judgement, judgeHousehold } from '../core/household/removals.ts';
import type { Removal } from '../core/model/household.ts';
import { performChore } from '../engine/perform/chore.ts';
import { ownersOf } from '../engine/watch/owners.ts';
import type { Premises } from './premises.ts';

/** What a daemon would remove now and what it would keep, by the same decision. */
export async function judgeHouseholdOf({ housekeeping, store, policy, clock }: Premises): Promise<Judgement> {
  const household = await (await housekeeping()).look();
  const emergency = store.counters().worktree_errors > WORKTREE_ERRORS_BOUND;
  return judgeHousehold(household, ownersOf(store, household), policy.keep, emergency, clock.now());
}

/** Removes as a daemon does: saved first, and nothing that somebody works in. */
export async function removalsOf(premises: Premises): Promise<(removal: Removal) => Promise<void>> {
  const [workspaces, housekeeping] = await Promise.all([premises.workspaces(), premises.housekeeping()]);
  const means = { ...premises, workspaces, housekeeping };
  return async (removal) => {
    await performChore(means, removal, () => false);
  };
}
