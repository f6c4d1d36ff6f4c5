import type { AgentOf } from '../agent/abilities.ts';
import { agentsFor, loginOf, type ToRoute } from '../agent/which.ts';
import { minuteOfDay } from '../limits/reset.ts';
import type { Failure, TakesOver } from '../model/failure.ts';
import { type Fleet, parkingOf } from '../model/fleet.ts';
import type { Ms } from '../model/seen.ts';
import type { Policy } from '../tick/policy.ts';

/** Which agent a task gets if it starts now: where its own login is parked, by setting that of the next route whose login is not. */
export function agentNow(fleet: Fleet, policy: Policy, task: ToRoute, now: Ms): AgentOf {
  const [first, ...others] = agentsFor(policy, task, minuteOfDay(now));
  if (!policy.limits.nextRoute || parkingOf(fleet, first.login, now) === null) return first;
  return others.find(({ login }) => parkingOf(fleet, login, now) === null) ?? first;
}

/** What its last failure was told to another login than it gets now: it need not wait for that, and begins a conversation of its own. */
export const changesLogin = (policy: Policy, last: Failure | null, agent: AgentOf): boolean =>
  policy.limits.nextRoute && last?.cutOff !== undefined && last.cutOff.login !== loginOf(agent);

/** What the next agent is told of the one before. */
export const takenOver = (last: Failure | null): TakesOver | null =>
  last?.cutOff === undefined ? null : { agent: last.cutOff.agent, because: last.type, doing: last.cutOff.doing };
