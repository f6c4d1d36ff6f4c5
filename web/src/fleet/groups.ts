import type { Shape } from '../ground/mark.tsx';
import { amount } from '../ground/words.ts';
import type { State, TaskRow as Task } from '../link/contract.ts';

export interface Group {
  readonly name: string;
  readonly hint: string;
  readonly tasks: readonly Task[];
  /** What the answer leaves out; null: nothing. */
  readonly rest: Rest | null;
  /** A person must act. */
  readonly isForYou: boolean;
  /** May be long, and nobody has to see all of it. */
  readonly isQueue: boolean;
}

export interface Rest {
  readonly state: Task['state'];
  /** So many of this state stand in the answer. */
  readonly shown: number;
  readonly left: number;
}

interface Named {
  readonly name: string;
  readonly hint: string;
  readonly group: Task['group'];
  /** Of this state the answer has the newest, or the next, alone. */
  readonly cut?: 'failed' | 'pending' | 'review' | 'completed';
}

const GROUPS: readonly Named[] = [
  { name: 'Needs you', hint: 'asks, or its finished work does not get through', group: 'needs_you' },
  { name: 'Failed', hint: 'is not started again by itself', group: 'failed', cut: 'failed' },
  { name: 'Running', hint: 'has a slot', group: 'running' },
  { name: 'Waiting', hint: 'starts by itself', group: 'waiting', cut: 'pending' },
  { name: 'In review', hint: 'its pull is open', group: 'review', cut: 'review' },
  { name: 'Done today', hint: 'and below, if you want, what was done before', group: 'done', cut: 'completed' },
];

/** Who must act, first: the order of the answer within each group. */
export function grouped({ tasks, counts }: Pick<State, 'tasks' | 'counts'>): readonly Group[] {
  return GROUPS.map(({ group, cut, ...named }) => ({
    ...named,
    tasks: tasks.filter((task) => task.group === group),
    rest: cut === undefined ? null : restOf(cut, tasks, counts),
    isForYou: group === 'needs_you' || group === 'failed',
    isQueue: group === 'waiting',
  })).filter((group) => group.tasks.length > 0 || group.rest !== null);
}

function restOf(state: NonNullable<Named['cut']>, tasks: State['tasks'], counts: State['counts']): Rest | null {
  const shown = tasks.filter((task) => task.state === state).length;
  const left = (counts[state] ?? 0) - shown;
  return left > 0 ? { state, shown, left } : null;
}

/** So many of today's the answer has at most. */
const MOST_DONE = 20;

/** How many a group has; of those that ended the answer has the newest 20. */
export function countOf({ tasks, rest }: Group): string {
  if (rest === null) return amount(tasks.length);
  if (rest.state === 'completed') return rest.shown < MOST_DONE ? amount(tasks.length) : `the newest ${tasks.length}`;
  return amount(tasks.length + rest.left);
}

export const waitingForYou = ({ tasks }: Pick<State, 'tasks'>): number => tasks.filter(({ group }) => group === 'needs_you').length;

/** A task's state as it is drawn. */
export const shapeOf = ({ state, group, run }: Task): Shape =>
  group === 'needs_you' ? 'blocked' : state === 'active' && run?.pid == null ? 'idle' : state;

/** The colour of what is said of it. */
export const toneOf = ({ state, group }: Task): Task['state'] => (group === 'needs_you' ? 'blocked' : state);

const STEPS: Readonly<Record<string, string>> = {
  preparing: 'prepares its worktree',
  starting: 'starts the agent',
  stopping: 'is being stopped',
  ended: 'has ended: its work is looked at',
  settled: 'is about to be done',
};

/** One line of what matters now: the question, the reason, what it waits for, the last thing it did. */
export function saidOf(task: Task, notes: State['notes']): string {
  const { run } = task;
  if (task.state === 'blocked') return task.question ?? 'asks a person';
  if (task.state === 'failed') return task.reason === null ? 'failed' : `${task.reason.type.replaceAll('_', ' ')}: ${task.reason.message}`;
  if (task.state === 'active') {
    const step = run === null ? 'gets a run' : STEPS[run.state];
    if (run?.problem != null)
      return `${task.group === 'needs_you' ? `its work is done; ${run.problem.words} fails, and is tried again` : run.problem.words}: ${run.problem.message}`;
    return step ?? run?.activity ?? 'has said nothing yet';
  }
  if (task.state === 'pending') return task.waits_for ?? notes.find((note) => note.task === task.id)?.text ?? 'waits for a free slot';
  return task.needs_you ?? task.branch;
}

const needsPerson = ({ group }: Task): boolean => group === 'needs_you' || group === 'failed';

/** Those that need a person now and did not before; none of a task that was not there before. */
export function newlyNeeding(before: readonly Task[], now: readonly Task[]): readonly Task[] {
  const was = new Map(before.map((task) => [task.id, task]));
  return now.filter((task) => {
    const earlier = was.get(task.id);
    return needsPerson(task) && earlier !== undefined && earlier.group !== task.group;
  });
}
