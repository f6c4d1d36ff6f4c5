import type { Failure } from '../model/failure.ts';
import { confirms, goesOn, isParked, PARKED, type Parking } from '../model/fleet.ts';
import type { RunIn } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import type { Draft } from '../tick/draft.ts';
import type { Policy } from '../tick/policy.ts';
import { limitBackoff, providerBackoff } from './retry.ts';

/**
 * Failures that concern every task alike make the whole fleet wait, from the moment that the run is judged: what is left to be done for
 * this one may take long (a worktree that cannot be written). Answers the failure with the time until which it lasts.
 */
export function park(draft: Draft, policy: Policy, run: RunIn<'ended'>, failure: Failure, now: Ms): Failure {
  switch (failure.type) {
    case 'usage_limit': {
      if (failure.until !== undefined) return parkUntil(draft, policy, run, failure, 'usage_limit', failure.until, now);
      // Most limits without a stated end are over within seconds; one that is met again and again is not.
      const met = run.stream.turns > 0 ? 1 : draft.fleet.providerErrors + 1;
      draft.changeFleet({ kind: 'provider-errors', inARow: met });
      return parkUntil(draft, policy, run, failure, 'usage_limit', now + limitBackoff(met), now);
    }
    case 'provider_error': {
      // One that had answers meanwhile met a new trouble, not the old one again.
      const errors = run.stream.turns > 0 ? 1 : draft.fleet.providerErrors + 1;
      draft.changeFleet({ kind: 'provider-errors', inARow: errors });
      return parkUntil(draft, policy, run, failure, 'provider_error', now + providerBackoff(errors, policy.retryDelay), now);
    }
    case 'auth_error':
    case 'billing_error':
      hold(draft, run, { type: failure.type, until: null, since: now, run: run.id, message: failure.message });
      return failure;
    default:
      return failure;
  }
}

/**
 * With `limits.park` off only the task that met it waits. So it does where the agent itself said nothing of a limit, and only the last line of its
 * log does: anybody's text may stand there.
 */
function parkUntil(
  draft: Draft,
  policy: Policy,
  run: RunIn<'ended'>,
  failure: Failure,
  type: 'usage_limit' | 'provider_error',
  until: Ms,
  now: Ms,
): Failure {
  if (policy.limits.park && run.stream.result !== null)
    hold(draft, run, { type, until, since: now, run: run.id, message: failure.message });
  return { ...failure, until };
}

/**
 * Of two reasons to wait, the one that lasts longer stands; what a person is to check lasts until they did. Told once. What a run says of its
 * provider is its task's claim: a second task has to be told the same before it counts for longer than a try.
 */
function hold(draft: Draft, run: RunIn<'ended'>, parking: Parking): void {
  const { parked, claim } = draft.fleet;
  const now = parking.since;
  const mine = { type: parking.type, task: run.task, at: now };
  const told: Parking = confirms(claim, mine) ? { ...parking, confirmed: true } : parking;
  draft.changeFleet({ kind: 'claimed', claim: mine });
  const stands = parked !== null && isParked(draft.fleet, now) ? parked : null;
  const kept = stands === null ? told : stronger(stands, told);
  if (kept === stands) return;
  draft.changeFleet({ kind: 'parked', parking: kept });
  if (stands?.type !== kept.type) draft.say(PARKED, `${kept.type}: ${kept.message}; ${goesOn(kept)}`, null, kept.run);
}

/** What two tasks were told goes before what one was. */
function stronger(stands: Parking, told: Parking): Parking {
  const longer = stands.until === null || (told.until !== null && stands.until >= told.until) ? stands : told;
  if (stands.confirmed === told.confirmed) return longer;
  if (told.confirmed !== true) return stands;
  return stands.type === told.type ? { ...longer, confirmed: true } : told;
}
