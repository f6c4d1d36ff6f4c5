import type { TaskIn } from '../model/task.ts';
import type { Call } from './calls.ts';
import type { PullSight } from './pull-sights.ts';
import type { ReviewPolicy } from './review.ts';

/** What is said of a task's pull that no round was begun for yet. */
export type Wish =
  /** A round, told these words; `calls` are answered by it. */
  | { readonly kind: 'round'; readonly calls: readonly Call[]; readonly alone: boolean }
  /** All of it came from builds, and they have had their rounds. */
  | { readonly kind: 'used up'; readonly calls: readonly Call[] };

/** So many answered calls are remembered of a task. */
const REMEMBERED = 200;

/** Null: nothing new is said. A round that a person asks for takes what builds say along. */
export function wishOf(
  task: TaskIn<'review'>,
  sight: PullSight | undefined,
  calls: readonly Call[],
  { rounds }: Pick<ReviewPolicy, 'rounds'>,
): Wish | null {
  if (sight === undefined || sight.state !== 'open' || sight.task !== task.id) return null;
  const answered = new Set(task.heard?.calls);
  const open = calls.filter(({ key }) => !answered.has(key));
  if (open.length === 0) return null;
  if (open.some(({ alone }) => !alone)) return { kind: 'round', calls: open, alone: false };
  return (task.heard?.alone ?? 0) < rounds ? { kind: 'round', calls: open, alone: true } : { kind: 'used up', calls: open };
}

/** What the task has heard once the round is begun. A person's word gives builds all of their rounds again. */
export function heardAfter(task: TaskIn<'review'>, { calls, alone }: Wish & { kind: 'round' }): NonNullable<TaskIn<'review'>['heard']> {
  const keys = [...(task.heard?.calls ?? []), ...calls.map(({ key }) => key)];
  return { calls: keys.slice(-REMEMBERED), alone: alone ? (task.heard?.alone ?? 0) + 1 : 0 };
}

export const wordsOf = (calls: readonly Call[]): string => calls.map(({ what }) => what).join('; ');
export const messageOf = (calls: readonly Call[]): string => calls.map(({ text }) => text).join('\n\n---\n\n');
