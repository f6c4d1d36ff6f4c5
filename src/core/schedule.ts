import { dependsOnOpen, noteDependencies, noteDependency } from './dependencies.ts';
import type { Draft } from './draft.ts';
import { fleetGates, slotsOf, taskGates } from './gates.ts';
import { modelFor, type Policy } from './policy.ts';
import { EMPTY_STREAM, type Run } from './run.ts';
import type { Ms } from './seen.ts';
import { issueNumber, type Task, type TaskIn } from './task.ts';
import type { World } from './world.ts';

/** Priority first, then a person's order, then the oldest. */
export function byTurn(a: Task, b: Task): number {
  return (
    a.priority - b.priority ||
    (a.order ?? Number.MAX_SAFE_INTEGER) - (b.order ?? Number.MAX_SAFE_INTEGER) ||
    a.addedAt - b.addedAt ||
    (issueNumber(a.id) ?? 0) - (issueNumber(b.id) ?? 0)
  );
}

/** Starts pending tasks in their turn while every gate is open. */
export function startTasks(draft: Draft, world: World, policy: Policy, now: Ms): void {
  noteDependencies(draft, world, now);
  const pending = [...draft.tasks.values()].filter((task): task is TaskIn<'pending'> => task.state === 'pending').sort(byTurn);
  const fresh = [...world.fresh];
  const current = { ...world, fleet: draft.fleet };
  let slots = slotsOf(draft.tasks.values());
  let asked = 0;
  for (const task of pending) {
    const shut = fleetGates(current, policy, slots, now).find((gate) => !gate.open);
    if (shut !== undefined) {
      draft.note(null, shut.text, shut.until);
      return;
    }
    const gates = taskGates(current, policy, task, now);
    const closed = gates.find((gate) => !gate.open);
    if (closed !== undefined) {
      // Who labelled one that depends on others is asked when it may start.
      if (gates.some(dependsOnOpen)) noteDependency(draft, world, task, now);
      // One that is refused or cannot be told is asked again now and then; it keeps nobody behind it from being asked.
      else if (closed.name === 'refused') draft.wantTrigger(issueNumber(task.id) ?? 0);
      else if (closed.name === 'trigger' && asked < policy.slots) {
        asked += 1;
        draft.wantTrigger(issueNumber(task.id) ?? 0);
      }
      if (closed.until !== null) draft.wake(closed.until);
      continue;
    }
    const names = fresh.shift();
    if (names === undefined) return draft.wake(now + 1);
    startRun(draft, policy, task, names, now);
    slots = { active: slots.active + 1, lastStart: now };
  }
}

function startRun(draft: Draft, policy: Policy, task: TaskIn<'pending'>, names: World['fresh'][number], now: Ms): void {
  const run: Run = {
    id: names.run,
    task: task.id,
    attempt: task.attempts + 1,
    createdAt: now,
    session: task.resume?.session ?? names.session,
    resumes: task.resume,
    wanted: null,
    inputEnded: false,
    agent: { kind: policy.agent.kind, model: modelFor(policy, task) },
    stream: EMPTY_STREAM,
    settlement: {},
    problem: null,
    version: 1,
    state: 'preparing',
  };
  draft.task(task.id, { kind: 'started', run: run.id, at: now }, `run ${run.id}, attempt ${run.attempt}`);
  draft.addRun(run);
  draft.act({ kind: 'prepare', run: run.id, task: task.id });
}
