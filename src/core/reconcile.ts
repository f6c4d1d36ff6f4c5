import { Draft } from './draft.ts';
import { keepHouse } from './housekeeping.ts';
import { takeIssues } from './intake.ts';
import { takeIntents } from './intents.ts';
import type { Plan } from './plan.ts';
import type { Policy } from './policy.ts';
import { takeRequests } from './requests.ts';
import { startTasks } from './schedule.ts';
import type { Ms } from './seen.ts';
import { settleRuns } from './settle.ts';
import { noteDay } from './spending.ts';
import { takeStrays } from './strays.ts';
import { superviseRuns } from './supervise.ts';
import type { World } from './world.ts';

/**
 * Everything tac8 decides, in one pure function: what is to be written down and what is to be done, given what was seen.
 * People come first (their edits and commands), then the forge, then the runs, then new starts into the slots that are left.
 * Applying the plan and asking again gives an empty one.
 */
export function reconcile(world: World, policy: Policy, now: Ms): Plan {
  const draft = new Draft(world, now);
  takeStrays(draft, world, policy, now);
  takeIntents(draft, world, policy, now);
  takeRequests(draft, world, policy, now);
  takeIssues(draft, world, policy, now);
  unpark(draft, now);
  superviseRuns(draft, world, policy, now);
  settleRuns(draft, world, policy, now);
  noteDay(draft, world, policy);
  startTasks(draft, world, policy, now);
  keepHouse(draft, world, policy, now);
  return draft.plan();
}

/** A parking whose time is over is taken away, so that it is not shown for ever. */
function unpark(draft: Draft, now: Ms): void {
  const { parked } = draft.fleet;
  if (parked?.until != null && parked.until <= now) draft.fleet = { ...draft.fleet, parked: null };
}
