import type { Shape } from '../ground/mark.tsx';
import type { State, TaskRow as Task } from '../link/contract.ts';

export interface Group {
  readonly name: string;
  readonly hint: string;
  readonly tasks: readonly Task[];
}

const GROUPS: readonly { readonly name: string; readonly hint: string; readonly states: readonly Task['state'][] }[] = [
  { name: 'Needs you', hint: 'asks, and goes on once it is answered', states: ['blocked'] },
  { name: 'Failed', hint: 'is not started again by itself', states: ['failed'] },
  { name: 'At work', hint: 'has a slot', states: ['active'] },
  { name: 'Waits', hint: 'starts by itself', states: ['pending'] },
  { name: 'In review', hint: 'its pull is open', states: ['review'] },
  { name: 'Done today', hint: '', states: ['completed'] },
];

/** Who must act, first: the order of the answer within each group. */
export function grouped({ tasks }: State): readonly Group[] {
  return GROUPS.map(({ states, ...group }) => ({ ...group, tasks: tasks.filter((task) => states.includes(groupOf(task))) })).filter(
    (group) => group.tasks.length > 0,
  );
}

/** What is in review and does not go on there stands with those that ask. */
const groupOf = ({ state, needs_you: why }: Task): Task['state'] => (why == null ? state : 'blocked');

export const waitingForYou = ({ tasks }: State): number => tasks.filter((task) => groupOf(task) === 'blocked').length;

/** A task's state as it is drawn. */
export const shapeOf = ({ state, run }: Task): Shape => (state === 'active' && run?.pid == null ? 'idle' : state);

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
    if (run?.problem != null) return `${run.problem.words}: ${run.problem.message}`;
    return step ?? run?.activity ?? 'has said nothing yet';
  }
  if (task.state === 'pending') return task.waits_for ?? notes.find((note) => note.task === task.id)?.text ?? 'waits for a free slot';
  return task.needs_you ?? task.branch;
}

const needsPerson = (task: Task): boolean => groupOf(task) === 'blocked' || task.state === 'failed';

/** Those that need a person now and did not before; none of a task that was not there before. */
export function newlyNeeding(before: readonly Task[], now: readonly Task[]): readonly Task[] {
  const was = new Map(before.map((task) => [task.id, task]));
  return now.filter((task) => {
    const earlier = was.get(task.id);
    return needsPerson(task) && earlier !== undefined && groupOf(earlier) !== groupOf(task);
  });
}
