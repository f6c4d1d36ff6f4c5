import { NOTHING, takeSpent } from '../limits/spending.ts';
import type { Ms } from '../model/seen.ts';
import { type Race, racerId, racerName, readBranch, type Task, type TaskId, type TaskIn } from '../model/task.ts';
import { OUT } from '../steer/racers.ts';
import type { Draft } from '../tick/draft.ts';
import type { Policy } from '../tick/policy.ts';
import { newTask } from '../voices/intake.ts';

const OPEN: ReadonlySet<Task['state']> = new Set(['pending', 'active', 'blocked']);

/** In place of a run of its own the task gets a racer for each agent. What there is of them already the next tick sees, and enters them. */
export function beginRace(draft: Draft, task: TaskIn<'pending'>, names: readonly string[]): void {
  const racers = names.map((name) => racerId(task.id, name));
  const race = { racers, entering: true, ...spentBefore(draft, task, racers) } as const;
  draft.task(task.id, { kind: 'raced', race }, `${names.length} attempts side by side: ${racers.join(', ')}`);
  draft.again();
}

/** One that is at work already (the database of its task was lost) stays at it; one that was over begins again, unless a person took it out. */
export function enterRace(draft: Draft, policy: Policy, task: TaskIn<'pending'>, { racers, before }: Race, now: Ms): void {
  for (const id of racers) {
    const there = draft.tasks.get(id);
    if (there === undefined) draft.addTask(newRacer(task, id, policy, now), `an attempt at ${task.id}`);
    else if (!OPEN.has(there.state) && !isOut(there)) again(draft, task, there, now);
  }
  draft.task(task.id, { kind: 'raced', race: { racers, ...(before === undefined ? {} : { before }) } }, 'they begin');
  draft.again();
}

/** It may have had runs of its own, or other racers. What these racers used in an earlier race counts with them. */
function spentBefore(draft: Draft, { spent, spentInAll = spent }: Task, racers: readonly TaskId[]): Pick<Race, 'before'> {
  if (spentInAll === undefined) return {};
  const theirs = racers.flatMap((id) => draft.tasks.get(id)?.spentInAll ?? draft.tasks.get(id)?.spent ?? []);
  return { before: { spent: spent ?? NOTHING, spentInAll: theirs.reduce(takeSpent, spentInAll) } };
}

const isOut = (racer: Task): boolean => racer.state === 'failed' && racer.failure.cause === OUT;

function newRacer(task: Task, id: Task['id'], policy: Policy, now: Ms): Task {
  const agent = racerName(id) ?? '';
  const { title, labels, armedBy, addedAt, priority, order, pausedAt, approved } = task;
  return {
    ...newTask(id, title, policy, now, { labels, armedBy, addedAt, priority }),
    ...{ order, pausedAt, agent },
    ...(approved === undefined ? {} : { approved }),
  };
}

/** A further attempt. Where the work before is over, on a fresh branch, as the task itself. */
function again(draft: Draft, task: Task, racer: Task, at: Ms): void {
  const isOver = nth(task) > nth(racer);
  draft.task(
    racer.id,
    { kind: 'rearmed', resume: null, armedBy: task.armedBy, at, ...(isOver ? { afresh: true as const } : {}) },
    `again, an attempt at ${task.id}`,
  );
  const name = racerName(racer.id);
  if (name !== null && racer.agent !== name) draft.task(racer.id, { kind: 'assigned', agent: name }, 'it is what it is called');
}

const nth = ({ branch }: Task): number => readBranch(branch)?.nth ?? 1;
