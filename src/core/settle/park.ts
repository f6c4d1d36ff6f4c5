import type { Failure } from '../model/failure.ts';
import { goesOn, isParked, PARKED, type Parking } from '../model/fleet.ts';
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
      hold(draft, { type: failure.type, until: null, since: now, run: run.id, message: failure.message }, now);
      return failure;
    default:
      return failure;
  }
}

/** With `limits.park` off only the task that met it waits. */
function parkUntil(
  draft: Draft,
  policy: Policy,
  run: RunIn<'ended'>,
  failure: Failure,
  type: 'usage_limit' | 'provider_error',
  until: Ms,
  now: Ms,
): Failure {
  if (policy.limits.park) hold(draft, { type, until, since: now, run: run.id, message: failure.message }, now);
  return { ...failure, until };
}

/** Of two reasons to wait, the one that lasts longer stands; what a person is to check lasts until they did. Told once. */
function hold(draft: Draft, parking: Parking, now: Ms): void {
  const { parked } = draft.fleet;
  const stands = parked !== null && isParked(draft.fleet, now);
  if (stands && (parked.until === null || (parking.until !== null && parked.until >= parking.until))) return;
  draft.changeFleet({ kind: 'parked', parking });
  if (!stands || parked.type !== parking.type)
    draft.say(PARKED, `${parking.type}: ${parking.message}; ${goesOn(parking)}`, null, parking.run);
}
