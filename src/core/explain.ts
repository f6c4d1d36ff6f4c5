import { HINTS } from './failure.ts';
import { fleetGates, type Gate, type Slots, taskGates } from './gates.ts';
import type { Policy } from './policy.ts';
import type { Run } from './run.ts';
import type { Ms } from './seen.ts';
import { issueNumber, type Task, type TaskId } from './task.ts';
import type { World } from './world.ts';

/** Why a task is where it is: the state in one sentence, then what must hold or has been seen, in the order in which it decides. */
export interface Explanation {
  readonly task: TaskId;
  readonly state: Task['state'] | 'unknown';
  readonly sentence: string;
  readonly gates: readonly Gate[];
  /** What will change it: by itself at a time, or by a person. */
  readonly next: string;
}

/** The same gates that decide who starts; so what is explained is what is decided. */
export function explain(world: World, policy: Policy, id: TaskId, now: Ms): Explanation {
  const task = world.tasks.find((other) => other.id === id);
  if (task === undefined) return explainAbsent(world, policy, id);
  const state = task.state;
  switch (task.state) {
    case 'pending': {
      const gates = [...taskGates(world, policy, task, now), ...fleetGates(world, policy, slotsOf(world.tasks), now)];
      const shut = gates.find((gate) => !gate.open);
      const sentence = shut === undefined ? 'it waits for nothing: the next tick starts it' : shut.text;
      return { task: id, state, sentence, gates, next: shut?.until == null ? 'when that changes' : 'by itself' };
    }
    case 'active':
      return { task: id, state, ...explainRun(world, task.run) };
    case 'completed':
      return {
        task: id,
        state,
        sentence: task.pull === null ? `done: branch ${task.branch}` : `done: ${task.pull.url}`,
        gates: [],
        next: '`tac8 retry` starts it anew',
      };
    case 'failed':
      return { task: id, state, sentence: `${task.failure.type}: ${task.failure.message}`, gates: [], next: HINTS[task.failure.type] };
    case 'blocked':
      return {
        task: id,
        state,
        sentence: `it asks: ${task.question}`,
        gates: [],
        next: 'answer with `tac8 retry --continue --message "…"`',
      };
  }
}

export function slotsOf(tasks: Iterable<Task>): Slots {
  let active = 0;
  let lastStart: Ms | null = null;
  for (const task of tasks) {
    if (task.state !== 'active') continue;
    active += 1;
    lastStart = Math.max(lastStart ?? 0, task.startedAt);
  }
  return { active, lastStart };
}

function explainRun(world: World, id: Run['id']): Pick<Explanation, 'sentence' | 'gates' | 'next'> {
  const run = world.runs.find((other) => other.id === id);
  if (run === undefined) return { sentence: `run ${id} is being written down`, gates: [], next: 'the next tick' };
  const seen = world.processes.get(id);
  const process = seen === undefined ? 'not looked at' : seen.known ? seen.value.kind : `unknown: ${seen.because}`;
  const gates: Gate[] = [
    { name: 'process', open: seen?.known === true && seen.value.kind === 'alive', text: `its process: ${process}`, until: null },
  ];
  for (const { by, text } of warningsNow(run)) gates.push({ name: 'warning', open: false, text: `${by}: ${text}`, until: null });
  if (run.problem !== null)
    gates.push({ name: run.problem.step, open: false, text: `${run.problem.step}: ${run.problem.message}`, until: run.problem.retryAt });
  const wanted = run.wanted === null ? '' : `, to be ended by ${run.wanted.by}: ${run.wanted.reason}`;
  return { sentence: `run ${run.id} is ${run.state}, attempt ${run.attempt}${wanted}`, gates, next: 'when the run ends' };
}

/** Of an agent that was silent and speaks again nothing is said any more. */
export const warningsNow = ({ warnings = [], stream }: Run): NonNullable<Run['warnings']> =>
  warnings.filter(({ by, at }) => by !== 'limits.silence' || (stream.lastEventAt ?? 0) <= at);

function explainAbsent(world: World, policy: Policy, id: TaskId): Explanation {
  const number = issueNumber(id);
  const base = { task: id, state: 'unknown' as const, gates: [] };
  if (number === null || world.forge === 'none')
    return { ...base, sentence: 'there is no such task', next: '`tac8 add`, or a line in tasks.md' };
  if (!world.issues.known) return { ...base, sentence: `GitHub is not known: ${world.issues.because}`, next: 'the next poll' };
  const issue = world.issues.value.find((other) => other.number === number);
  if (issue === undefined)
    return {
      ...base,
      sentence: `it is not an open issue with the label ${policy.label}`,
      next: 'put the label on, or write its line into tasks.md',
    };
  const trigger = world.triggers.get(number);
  const gate = (open: boolean, text: string): Explanation => ({
    ...base,
    sentence: text,
    gates: [{ name: 'trigger', open, text, until: null }],
    next: 'the next tick',
  });
  if (trigger === undefined) return gate(false, 'who put the label on is being looked up');
  return trigger.known
    ? gate(trigger.value.allowed, trigger.value.why)
    : gate(false, `who put the label on is not known: ${trigger.because}`);
}
