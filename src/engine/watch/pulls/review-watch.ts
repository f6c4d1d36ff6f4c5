import type { Pull } from '../../../core/model/forge.ts';
import type { Ms, Seen } from '../../../core/model/seen.ts';
import type { Task, TaskId } from '../../../core/model/task.ts';
import { type Calls, NO_CALLS } from '../../../core/review/calls.ts';
import { type PullSight, type PullSights, unmergedAt } from '../../../core/review/pull-sights.ts';
import type { Store } from '../../ports/records/store.ts';
import type { CallWatch } from './call-watch.ts';
import type { PullWatch } from './pull-watch.ts';

/** Which tasks in review a tick has to look at: there may be hundreds, and few change. */
export interface ReviewWatch {
  /** What was last seen of our pulls. */
  sights(): PullSights;
  /** What is said of them that asks for a further round. */
  calls(): Calls;
  /** How many pulls of ours are open; 0 where nobody wants to know. */
  ownPulls(open: Seen<readonly Pull[]>): number;
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
  /** A setting limits how many pulls may be open. */
  readonly counts: () => boolean;
}

/** So many leave it in one tick when pulls are not followed any more. */
const AT_ONCE = 200;
const ON_ITS_WAY: Ms = 5 * 60_000;
const STATES = ['review', 'completed'] as const;
const NONE: PullSights = new Map();

/** In review, or failed in a round on its pull: a merge completes it all the same. */
const isDue = (task: Task): boolean => task.state === 'review' || (task.state === 'failed' && task.rounds !== undefined);

/** It is over, or open again, or the forge does not merge what it was to merge, or may merge what it must not. */
function isTurned(sight: PullSight): boolean {
  const unmerged = unmergedAt(sight);
  return sight.state !== 'open' || sight.reopened === true || unmerged?.letGo !== undefined || unmerged?.takenBack === false;
}

export function watchReviews({ store, pulls, calls: heard, follows, counts }: ReviewWatchOptions): ReviewWatch {
  const sights = (): PullSights => pulls?.sights() ?? NONE;
  const calls = (): Calls => heard?.calls() ?? NO_CALLS;
  let looked: readonly unknown[] = [];
  let due: readonly TaskId[] = [];

  function look(): readonly TaskId[] {
    if (!follows()) return store.endedTasks({ state: 'review', since: 0, limit: AT_ONCE }).map(({ id }) => id);
    const all = [...sights().values()];
    const turned = all.flatMap((sight) => (isTurned(sight) ? [sight.task] : []));
    const reopened = new Set(all.flatMap((sight) => (sight.reopened === true ? [sight.task] : [])));
    const isBack = (task: Task): boolean => task.state === 'completed' && task.over?.how === 'closed' && reopened.has(task.id);
    return store.tasks([...new Set([...turned, ...calls().keys()])]).flatMap((task) => (isDue(task) || isBack(task) ? [task.id] : []));
  }

  let counted: readonly unknown[] = [];
  let own = 0;

  /** Those that were opened while the list was on its way, or since, are not in it. */
  function countOpen(listedAt: Ms | null): number {
    const since = listedAt === null ? null : listedAt - ON_ITS_WAY;
    const fresh = since === null ? [] : STATES.flatMap((state) => [...store.endedTasks({ state, since, limit: AT_ONCE })]);
    const unseen = fresh.flatMap(({ pull }) =>
      pull === null || pull.state !== undefined || sights().has(pull.number) ? [] : [pull.number],
    );
    return [...sights().values()].filter(({ state }) => state === 'open').length + new Set(unseen).size;
  }

  return {
    sights,
    calls,
    ownPulls(open) {
      if (!counts() || pulls === null) return 0;
      const { review = 0, completed } = store.countTasks();
      const listedAt = open.known ? open.at : null;
      const basis = [sights(), review, completed, listedAt];
      if (basis.some((value, n) => value !== counted[n])) {
        counted = basis;
        own = countOpen(listedAt);
      }
      return own;
    },
    due(open) {
      const { review: count = 0, failed } = store.countTasks();
      if (count === 0 && !follows()) return [];
      const basis = [count, failed, sights(), calls(), follows(), open.known ? open.at : null];
      if (basis.some((value, n) => value !== looked[n])) {
        looked = basis;
        due = look();
      }
      return due;
    },
  };
}
