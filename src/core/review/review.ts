import type { Ms } from '../model/seen.ts';
import type { PullOver, PullRef, Task, TaskIn } from '../model/task.ts';
import type { WhenGreen } from './green.ts';
import type { PullSights } from './pull-sights.ts';

/** Settings that decide about a pull's life after it was opened. */
export interface ReviewPolicy {
  /** A task whose pull is open is in review until the pull is merged or closed. */
  readonly follow: boolean;
  /** What becomes of a pull whose checks are green. */
  readonly whenGreen: WhenGreen;
  /** The branch of a merged pull goes at the forge; left out: it stays. */
  readonly deleteBranch?: true;
  /** Paths that are pushed without a person, though they decide what runs. */
  readonly allow: readonly string[];
  /** How many rounds in a row red checks alone may begin. */
  readonly rounds: number;
}

/** Whether the work that is done now goes into review: there is a pull, and pulls are followed. */
export const goesIntoReview = ({ follow }: Pick<ReviewPolicy, 'follow'>, pull: PullRef | undefined): boolean =>
  follow && pull !== undefined;

/** Its pull is known to be merged or closed: what comes next needs a branch and a pull of its own. */
export function isPullOver(task: Task, sights: PullSights): boolean {
  if (task.pull === null) return false;
  if (task.state === 'completed' && (task.over?.how === 'merged' || task.over?.how === 'closed')) return true;
  const sight = sights.get(task.pull.number);
  return sight?.task === task.id && sight.state !== 'open';
}

/** How the task's review ended; null: it goes on, or nobody knows. */
export function endOfReview(
  task: TaskIn<'review'>,
  sights: PullSights,
  { follow }: Pick<ReviewPolicy, 'follow'>,
  now: Ms,
): PullOver | null {
  if (!follow) return { at: now, how: 'unfollowed' };
  const sight = task.pull === null ? undefined : sights.get(task.pull.number);
  if (sight === undefined || sight.task !== task.id || sight.state === 'open') return null;
  return { at: sight.at, how: sight.state };
}

/** Its pull is known to be merged or closed though work on it goes on, or has failed; null: it is open, or nobody knows. */
export function endOfRound(
  task: Task | undefined,
  sights: PullSights,
  { follow }: Pick<ReviewPolicy, 'follow'>,
): (PullOver & { readonly commit: string }) | null {
  if (!follow || task?.rounds === undefined || task.pull === null) return null;
  const sight = sights.get(task.pull.number);
  if (sight === undefined || sight.task !== task.id || sight.state === 'open') return null;
  return { at: sight.at, how: sight.state, commit: sight.commit };
}
