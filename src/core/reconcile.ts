import { keepHouse } from './household/housekeeping.ts';
import { noteDay } from './limits/spending.ts';
import { isParked, type Parking, parkings, UNPARKED } from './model/fleet.ts';
import type { Ms } from './model/seen.ts';
import { keepRaces } from './race/keep-races.ts';
import { takeLateWords } from './settle/explain.ts';
import { beginRounds, endReviews, endRounds, reopenReviews } from './settle/reviews.ts';
import { settleRuns } from './settle/settle.ts';
import { leaveLost } from './start/lost-claims.ts';
import { startTasks } from './start/schedule.ts';
import { takeStrays } from './start/strays.ts';
import { Draft } from './tick/draft.ts';
import type { Plan } from './tick/plan.ts';
import type { Policy } from './tick/policy.ts';
import type { World } from './tick/world.ts';
import { takeIssues } from './voices/intake.ts';
import { takeIntents } from './voices/intents.ts';
import { takeRequests } from './voices/requests.ts';
import { superviseRuns } from './watch/supervise.ts';

/**
 * Everything tac8 decides, in one pure function: what is to be written down and what is to be done, given what was seen.
 * People come first (their edits and commands), then the forge, then the runs, then new starts into the slots that are left.
 * Applying the plan and asking again gives an empty one.
 */
export function reconcile(world: World, policy: Policy, now: Ms): Plan {
  const draft = new Draft(world, now);
  takeStrays(draft, world, policy, now);
  takeLateWords(draft, world);
  takeIntents(draft, world, policy, now);
  takeRequests(draft, world, policy, now);
  // A merge closes the issue as well: that the pull is over is the better reason.
  endRounds(draft, world, policy, now);
  takeIssues(draft, world, policy, now);
  leaveLost(draft, world, now);
  unpark(draft, world, now);
  superviseRuns(draft, world, policy, now);
  settleRuns(draft, world, policy, now);
  keepRaces(draft, world, policy, now);
  reopenReviews(draft, world, policy);
  endReviews(draft, world, policy, now);
  beginRounds(draft, world, policy, now);
  noteDay(draft, world, policy);
  startTasks(draft, world, policy, now);
  keepHouse(draft, world, policy, now);
  return draft.plan();
}

/** A parking whose time is over is taken away, so that it is not shown for ever; one that waits for a login ends with another login. */
function unpark(draft: Draft, world: World, now: Ms): void {
  for (const { login, parking } of parkings(draft.fleet)) unparkOne(draft, world, parking, login === undefined ? {} : { login }, now);
}

function unparkOne(draft: Draft, world: World, parked: Parking, whose: { readonly login?: string }, now: Ms): void {
  if (!isParked({ parked }, now)) {
    draft.changeFleet({ kind: 'unparked', ...whose });
    const isOver = parked.until !== null && parked.until <= now;
    return draft.say(UNPARKED, isOver ? `${parked.type} is over` : `${parked.type} was told to one task alone: the others try`);
  }
  if (parked.until !== null) return;
  if (world.logins === null) return;
  // Those it was refused with are learnt right after.
  if (parked.logins === undefined) draft.changeFleet({ kind: 'refused', logins: world.logins, ...whose });
  else if (parked.logins !== world.logins) {
    draft.changeFleet({ kind: 'unparked', ...whose });
    draft.say(UNPARKED, `the agent’s login has changed since ${parked.type}: trying again`);
  }
}
