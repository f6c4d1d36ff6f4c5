import type { AgentOf } from '../agent/abilities.ts';
import { loginOf } from '../agent/which.ts';
import { minuteOfDay } from '../limits/reset.ts';
import { spentToday } from '../limits/spending.ts';
import type { Failure, TakesOver } from '../model/failure.ts';
import { parkingOf } from '../model/fleet.ts';
import type { Ms } from '../model/seen.ts';
import type { TaskId } from '../model/task.ts';
import type { Policy } from '../tick/policy.ts';
import type { World } from '../tick/world.ts';
import { agentsFor, racersFor, type ToRoute } from './routes.ts';

/** Which agent a task gets if it starts now: where its own login is parked, by setting that of the next route whose login is not. */
export function agentNow({ fleet, today }: Pick<World, 'fleet' | 'today'>, policy: Policy, task: ToRoute, now: Ms): AgentOf {
  const usdLeft = policy.limits.usdPerDay - spentToday(fleet.day, { today }).usd;
  const [first, ...others] = agentsFor(policy, task, { minute: () => minuteOfDay(now), usdLeft });
  if (!policy.limits.nextRoute || parkingOf(fleet, first.login, now) === null) return first;
  const next = others.find(({ login }) => parkingOf(fleet, login, now) === null);
  return next === undefined
    ? first
    : { ...next, why: `the login ${loginOf(first)} is parked, and next: ${next.why ?? 'it is the one of all'}` };
}

/** Those that race for it if it starts now; null: one agent has it. */
export const racersNow = (
  { fleet, today }: Pick<World, 'fleet' | 'today'>,
  policy: Policy,
  task: ToRoute & { readonly id: TaskId },
  now: Ms,
): readonly string[] | null =>
  policy.routes.every(({ race }) => race === undefined)
    ? null
    : racersFor(policy, task, { minute: () => minuteOfDay(now), usdLeft: policy.limits.usdPerDay - spentToday(fleet.day, { today }).usd });

/** What its last failure was told to another login than it gets now: it need not wait for that, and begins a conversation of its own. */
export const changesLogin = (policy: Policy, last: Failure | null, agent: AgentOf): boolean =>
  policy.limits.nextRoute && last?.cutOff !== undefined && last.cutOff.login !== loginOf(agent);

/** What the next agent is told of the one before. */
export const takenOver = (last: Failure | null): TakesOver | null =>
  last?.cutOff === undefined ? null : { agent: last.cutOff.agent, because: last.type, doing: last.cutOff.doing };
