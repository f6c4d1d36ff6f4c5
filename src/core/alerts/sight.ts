import type { AlertPolicy, Book } from '../model/alert.ts';
import type { Fleet } from '../model/fleet.ts';
import { NEEDS_YOU } from '../model/gate.ts';
import type { Run } from '../model/run.ts';
import type { Ms, Seen } from '../model/seen.ts';
import type { Task, TaskId } from '../model/task.ts';
import type { Plan } from '../tick/plan.ts';
import type { Policy } from '../tick/policy.ts';
import { eventfulIn, Tasks } from '../tick/tasks.ts';
import type { Machine, Stray, World } from '../tick/world.ts';

/** What the rules look at: the world as it is once the tick's plan is written. */
export interface Sight {
  /** Open ones but those that wait for their first attempt, those that this tick changed, and those of which an alert speaks. */
  readonly tasks: readonly Task[];
  /** Tasks that this tick changed, as they were before. */
  readonly before: ReadonlyMap<TaskId, Task>;
  readonly runs: readonly Run[];
  /** Runs whose log cannot be read: how long they have been silent is not known. */
  readonly unread: ReadonlySet<string>;
  readonly fleet: Fleet;
  readonly isEditHeld: boolean;
  /** Work in review that does not go on without a person, and why. */
  readonly stuck: readonly { readonly task: TaskId; readonly text: string }[];
  readonly forge: 'github' | 'none';
  readonly issues: Seen<unknown>;
  readonly machine: Seen<Machine>;
  /** Workers that live though nobody knows them. */
  readonly strays: Seen<readonly Pick<Stray, 'run' | 'task' | 'process'>[]>;
  /** The outcomes of the last runs. */
  readonly recent: readonly string[];
  /** Dollars of today and how many there may be; null: not known. */
  readonly budget: { readonly spent: number; readonly cap: number } | null;
  /** Set for a moment after a start: the daemon had not been there from then until then, and nobody had told it to leave. */
  readonly downtime: { readonly from: Ms; readonly to: Ms } | null;
  readonly book: Book;
  readonly limits: Policy['limits'];
  readonly stop: Policy['stop'];
  readonly policy: AlertPolicy;
  readonly now: Ms;
}

/** What no world holds. */
export type Besides = Pick<Sight, 'recent' | 'budget' | 'downtime' | 'book'> & {
  /** Tasks by name, ended ones too; as stored before this tick. */
  readonly task: (id: TaskId) => Task | null;
};

/** Of the many that wait for their first attempt nothing is said. */
const worthAWord = (tasks: readonly Task[]): readonly Task[] =>
  eventfulIn(tasks).filter((task) => task.state !== 'pending' || task.last !== null);

/** The sight after a plan. */
export function sightAfter(world: World, plan: Plan, { limits, stop, alerts }: Policy, besides: Besides, now: Ms): Sight {
  const changed = new Map((plan.commit.tasks ?? []).map(({ next }) => [next.id, next]));
  const runs = new Map(world.runs.map((run) => [run.id, run]));
  for (const { next } of plan.commit.runs ?? []) runs.set(next.id, next);
  const known = new Tasks(world.tasks);
  const before = new Map([...changed.keys()].flatMap((id) => ((task) => (task === undefined ? [] : [[id, task] as const]))(known.get(id))));
  const tasks = new Map(worthAWord(world.tasks).map((task) => [task.id, task]));
  for (const { task } of besides.book) {
    const stored = task === null || tasks.has(task) ? null : (known.get(task) ?? besides.task(task));
    if (stored !== null) tasks.set(stored.id, stored);
  }
  for (const [id, task] of changed) tasks.set(id, task);
  const { recent, budget, downtime, book } = besides;
  return {
    tasks: [...tasks.values()],
    before,
    runs: [...runs.values()],
    unread: new Set(world.unread.keys()),
    fleet: (plan.commit.facts?.fleet as Fleet | undefined) ?? world.fleet,
    stuck: plan.notes.flatMap(({ task, text, gate }) => (task === null || gate !== NEEDS_YOU ? [] : [{ task, text }])),
    ...{ isEditHeld: world.isEditHeld, forge: world.forge, issues: world.issues, machine: world.machine },
    strays: world.strays,
    ...{ recent, budget, downtime, book, limits, stop, now },
    policy: alerts,
  };
}
