import { agentName, loginOf, loginsOf } from '../agent/which.ts';
import type { CutOff, Failure } from '../model/failure.ts';
import { confirms, goesOn, loginState, PARKED, type Parking, parkingOf } from '../model/fleet.ts';
import type { RunIn } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import type { Draft } from '../tick/draft.ts';
import type { Policy } from '../tick/policy.ts';
import { limitBackoff, providerBackoff } from './retry.ts';

const PARKS: ReadonlySet<Failure['type']> = new Set<Parking['type']>(['usage_limit', 'provider_error', 'auth_error', 'billing_error']);

/**
 * Failures that concern every task of a login alike make them all wait, from the moment that the run is judged: what is left to be done for
 * this one may take long (a worktree that cannot be written). Answers the failure with the time until which it lasts.
 */
export function park(draft: Draft, policy: Policy, run: RunIn<'ended'>, said: Failure, now: Ms): Failure {
  const several = loginsOf(policy).length > 1;
  const failure = several && PARKS.has(said.type) ? { ...said, cutOff: cutOffOf(run) } : said;
  const { login } = run.agent;
  const inARow = (): number => (run.stream.turns > 0 ? 1 : loginState(draft.fleet, login).providerErrors + 1);
  const whose = login === undefined ? {} : { login };
  switch (failure.type) {
    case 'usage_limit': {
      if (failure.until !== undefined) return parkUntil(draft, policy, run, failure, 'usage_limit', failure.until, now);
      // Most limits without a stated end are over within seconds; one that is met again and again is not.
      const met = inARow();
      draft.changeFleet({ kind: 'provider-errors', inARow: met, ...whose });
      return parkUntil(draft, policy, run, failure, 'usage_limit', now + limitBackoff(met), now);
    }
    case 'provider_error': {
      // One that had answers meanwhile met a new trouble, not the old one again.
      const errors = inARow();
      draft.changeFleet({ kind: 'provider-errors', inARow: errors, ...whose });
      return parkUntil(draft, policy, run, failure, 'provider_error', now + providerBackoff(errors, policy.retryDelay), now);
    }
    case 'auth_error':
    case 'billing_error':
      hold(draft, run, named(failure, { type: failure.type, until: null, since: now, run: run.id, message: failure.message }));
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
    hold(draft, run, named(failure, { type, until, since: now, run: run.id, message: failure.message }));
  return { ...failure, until };
}

/**
 * Of two reasons to wait, the one that lasts longer stands; what a person is to check lasts until they did. Told once. What a run says of its
 * provider is its task's claim: a second task has to be told the same before it counts for longer than a try.
 */
function hold(draft: Draft, run: RunIn<'ended'>, parking: Parking): void {
  const { login } = run.agent;
  const whose = login === undefined ? {} : { login };
  const now = parking.since;
  const mine = { type: parking.type, task: run.task, at: now };
  const told: Parking = confirms(loginState(draft.fleet, login), mine) ? { ...parking, confirmed: true } : parking;
  draft.changeFleet({ kind: 'claimed', claim: mine, ...whose });
  const stands = parkingOf(draft.fleet, login, now);
  const kept = stands === null ? told : stronger(stands, told);
  if (kept === stands) return;
  draft.changeFleet({ kind: 'parked', parking: kept, ...whose });
  if (stands?.type !== kept.type) draft.say(PARKED, `${kept.type}: ${kept.message}; ${goesOn(kept)}`, null, kept.run);
}

const named = ({ cutOff }: Failure, parking: Parking): Parking => (cutOff === undefined ? parking : { ...parking, login: cutOff.login });

const cutOffOf = ({ agent, stream }: RunIn<'ended'>): CutOff => ({
  login: loginOf(agent),
  agent: agentName(agent),
  doing: stream.activity,
});

/** What two tasks were told goes before what one was. */
function stronger(stands: Parking, told: Parking): Parking {
  const longer = stands.until === null || (told.until !== null && stands.until >= told.until) ? stands : told;
  if (stands.confirmed === told.confirmed) return longer;
  if (told.confirmed !== true) return stands;
  return stands.type === told.type ? { ...longer, confirmed: true } : told;
}
