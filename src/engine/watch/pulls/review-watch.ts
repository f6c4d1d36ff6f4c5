import type { Pull } from '../../../core/model/forge.ts';
import type { Seen } from '../../../core/model/seen.ts';
import type { TaskId } from '../../../core/model/task.ts';
import { type Calls, NO_CALLS } from '../../../core/review/calls.ts';
import type { PullSights } from '../../../core/review/pull-sights.ts';
import type { Store } from '../../ports/records/store.ts';
import type { CallWatch } from './call-watch.ts';
import type { PullWatch } from './pull-watch.ts';

/** Which tasks in review a tick has to look at: there may be hundreds, and few change. */
export interface ReviewWatch {
  /** What was last seen of our pulls. */
  sights(): PullSights;
  /** What is said of them that asks for a further round. */
  calls(): Calls;
  /** Tasks whose review may be over, or may go on with a further round. */
  due(open: Seen<readonly Pull[]>): readonly TaskId[];
}

export interface ReviewWatchOptions {
  readonly store: Pick<Store, 'tasks' | 'endedTasks' | 'countTasks'>;
  /** Null: there is no forge. What is in review stays so, as nobody knows. */
  readonly pulls: Pick<PullWatch, 'sights'> | null;
  readonly calls: Pick<CallWatch, 'calls'> | null;
  /** False: no task is to be in review any more. */
  readonly follows: () => boolean;
}

/** So many leave it in one tick when pulls are not followed any more. */
const AT_ONCE = 200;
const NONE: PullSights = new Map();

export function watchReviews({ store, pulls, calls: heard, follows }: ReviewWatchOptions): ReviewWatch {
  const sights = (): PullSights => pulls?.sights() ?? NONE;
  const calls = (): Calls => heard?.calls() ?? NO_CALLS;
  let looked: readonly unknown[] = [];
  let due: readonly TaskId[] = [];

  function look(): readonly TaskId[] {
    if (!follows()) return store.endedTasks({ state: 'review', since: 0, limit: AT_ONCE }).map(({ id }) => id);
    const ended = [...sights().values()].flatMap(({ task, state }) => (state === 'open' ? [] : [task]));
    return store.tasks([...new Set([...ended, ...calls().keys()])]).flatMap(({ id, state }) => (state === 'review' ? [id] : []));
  }

  return {
    sights,
    calls,
    due(open) {
      const count = store.countTasks().review ?? 0;
      if (count === 0) return [];
      const basis = [count, sights(), calls(), follows(), open.known ? open.at : null];
      if (basis.some((value, n) => value !== looked[n])) {
        looked = basis;
        due = look();
      }
      return due;
    },
  };
}
