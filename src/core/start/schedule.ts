import { canGoOn } from '../agent/which.ts';
import { ANY_MACHINE } from '../model/fleet.ts';
import type { Gate } from '../model/gate.ts';
import { EMPTY_STREAM, type Run } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import { issueNumber, type Task, type TaskIn } from '../model/task.ts';
import { beginRace } from '../race/begin.ts';
import { agentNow, changesLogin, racersNow, takenOver } from '../route/agent-now.ts';
import { lastRun } from '../steer/verbs.ts';
import type { Draft } from '../tick/draft.ts';
import type { Policy } from '../tick/policy.ts';
import type { World } from '../tick/world.ts';
import { dependsOnOpen, noteDependencies, noteDependency } from './dependencies.ts';
import { agentGate, fleetGates, slotsOf, taskGates } from './gates.ts';
import { CLAIMED_BY_OTHERS } from './issue-claim.ts';
import { countMaking, openPullsGate } from './open-pulls.ts';

/** Priority first, then a person's order, then the oldest. */
export function byTurn(a: Task, b: Task): number {
  return (
    a.priority - b.priority ||
    (a.order ?? Number.MAX_SAFE_INTEGER) - (b.order ?? Number.MAX_SAFE_INTEGER) ||
    a.addedAt - b.addedAt ||
    (issueNumber(a.id) ?? 0) - (issueNumber(b.id) ?? 0)
  );
}

/** Where the task that stands at `at` in the list belongs among others of the list that are in turn; of equal ones the list tells. */
export function placeInTurn(turn: readonly Task[], tasks: readonly Task[], at: number): number {
  const task = tasks[at];
  let [low, high] = [0, turn.length];
  while (task !== undefined && low < high) {
    const middle = (low + high) >> 1;
    const other = turn[middle];
    if (other !== undefined && (byTurn(other, task) || tasks.indexOf(other) - at) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Gates that the task itself shows shut, whoever looks at it. */
const OF_ITSELF: ReadonlySet<string> = new Set(['paused', 'backoff', 'dependencies']);
/** What is looked up or claimed at the last moment. */
const AT_LAST: ReadonlySet<string> = new Set(['trigger', 'claim', CLAIMED_BY_OTHERS]);
/** Of so many tasks it is noted why they are held: what holds more than that holds all. */
const TOLD = 100;

/** Starts pending tasks in their turn while every gate is open. */
export function startTasks(draft: Draft, world: World, policy: Policy, now: Ms): void {
  noteDependencies(draft, world, now);
  const pending = draft.tasks.in('pending');
  const fresh = [...world.fresh];
  const current = { ...world, fleet: draft.fleet };
  let slots = slotsOf(draft.tasks.in('active'), draft.runs.values(), policy, now);
  let making = countMaking(draft.tasks.in('active'));
  let asked = 0;
  let claiming = 0;
  let told = 0;
  const whatShuts = () => fleetGates(current, policy, slots, now).find((gate) => !gate.open);
  // Whose turn it is does not matter while nothing may start.
  const isShut = pending.length > 0 && whatShuts() !== undefined;
  for (const task of isShut ? pending : pending.toSorted(byTurn)) {
    const shut = whatShuts();
    if (shut !== undefined) {
      draft.note(null, shut.text, shut.until, shut.name);
      return;
    }
    const gates = [...openPullsGate(current, policy, task, making), ...taskGates(current, policy, task, now)];
    const racers = task.race === undefined ? racersNow({ fleet: draft.fleet, today: world.today }, policy, task, now) : null;
    const closed =
      gates.find((gate) => !gate.open) ??
      (racers === null ? agentGate(current, draft.runs.values(), policy, task, now).find(({ open }) => !open) : undefined);
    if (closed !== undefined) {
      // Who labelled one that depends on others is asked when it may start.
      if (gates.some(dependsOnOpen)) noteDependency(draft, world, task, now);
      // One that is refused or unknown is asked again now and then; it keeps nobody behind it from being asked.
      else if (closed.name === 'refused') draft.wantTrigger(issueNumber(task.id) ?? 0);
      else if (closed.name === 'trigger' && asked < policy.slots) {
        asked += 1;
        draft.wantTrigger(issueNumber(task.id) ?? 0);
      }
      // Claimed while it is looked up who labelled it; no more than may start.
      if (claiming < policy.slots - slots.active && gates.every(({ open, name }) => open || AT_LAST.has(name)))
        claiming += wantClaim(draft, world, task, gates);
      if (!OF_ITSELF.has(closed.name) && task.race === undefined && told < TOLD) {
        told += 1;
        draft.note(task.id, closed.text, closed.until, closed.name);
      }
      if (closed.until !== null) draft.wake(closed.until);
      continue;
    }
    if (racers !== null) {
      beginRace(draft, task, racers);
      continue;
    }
    const names = fresh.shift();
    if (names === undefined) return draft.again();
    startRun(draft, world, policy, task, names, now);
    slots = { ...slots, active: slots.active + 1, lastStart: now };
    making += countMaking(draft.tasks.in('active').filter(({ id }) => id === task.id));
  }
}

/**
 * Answers how many slots it will want. One that another has claimed keeps nobody behind it from being claimed: that one may have left it since, for
 * whoever labels it anew.
 */
function wantClaim(draft: Draft, world: World, task: TaskIn<'pending'>, gates: readonly Gate[]): number {
  const shut = gates.find(({ open, name }) => !open && name !== 'trigger');
  if (shut === undefined) return 0;
  if (task.armedBy !== 'label') draft.wantClaim(task.id, null);
  const number = issueNumber(task.id) ?? 0;
  const trigger = world.triggers.get(number);
  if (task.armedBy === 'label' && trigger?.known === true) draft.wantClaim(task.id, trigger.value.at ?? 0);
  if (shut.name !== CLAIMED_BY_OTHERS) return 1;
  const changedAt = world.issues.known ? (world.issues.value.find((issue) => issue.number === number)?.updatedAt ?? 0) : 0;
  if (task.armedBy === 'label' && (trigger?.known !== true || trigger.at < changedAt)) draft.wantTrigger(number);
  return 0;
}

function startRun(draft: Draft, { today }: World, policy: Policy, task: TaskIn<'pending'>, names: World['fresh'][number], now: Ms): void {
  const agent = agentNow({ fleet: draft.fleet, today }, policy, task, now);
  const changes = changesLogin(policy, task.last, agent);
  const goesOn = !changes && task.resume !== null && canGoOn(task.resume, lastRun(draft, task)?.agent, agent);
  const resume = goesOn ? task.resume : null;
  const takesOver = changes ? takenOver(task.last) : null;
  const run: Run = {
    id: names.run,
    task: task.id,
    attempt: task.attempts + 1,
    createdAt: now,
    session: resume?.session ?? names.session,
    resumes: resume,
    ...(takesOver !== null && { takesOver }),
    wanted: null,
    inputEnded: false,
    agent,
    stream: EMPTY_STREAM,
    settlement: {},
    problem: null,
    version: 1,
    ...(policy.machines ? { machine: ANY_MACHINE } : {}),
    state: 'preparing',
  };
  draft.task(task.id, { kind: 'started', run: run.id, at: now }, `run ${run.id}, attempt ${run.attempt}`);
  draft.addRun(run);
  draft.act({ kind: 'prepare', run: run.id, task: task.id });
}
