import type { Ms } from '../../../core/model/seen.ts';
import type { Task } from '../../../core/model/task.ts';
import { isCalled, MORE, whyUnmerged } from '../../../core/review/green.ts';
import { isAsked, type PullSight, type PullSights, takeBack, takeUnmerged, unmergedAt } from '../../../core/review/pull-sights.ts';
import { messageOf } from '../../../core/words/message-of.ts';
import type { Forge } from '../../ports/outside/forge.ts';
import type { GreenWatchOptions } from './green-watch.ts';

/** Takes merges back that the forge was asked for, and that nobody wants any more: what was told to stop must not be merged later. */
export interface WithdrawWatch {
  /** There is one to be taken back now. */
  isDue(sights: PullSights): boolean;
  /** Answers the sights with what was taken back. */
  withdraw(sights: PullSights, signal: AbortSignal): Promise<PullSights>;
}

/** What it judges by is what the watch over green pulls does. */
export interface WithdrawWatchOptions extends Omit<GreenWatchOptions, 'forge'> {
  readonly forge: Pick<Forge, 'takeBack'>;
}

/** What could not be taken back is tried again after this. */
const AGAIN: Ms = 60_000;

export function watchWithdrawals({ forge, store, clock, log, rules, issues, calls }: WithdrawWatchOptions): WithdrawWatch {
  const failed = new Map<number, Ms>();

  function why(task: Task): string | null {
    const words = whyUnmerged(task, issues(), rules());
    if (words !== null || task.state !== 'review') return words;
    return isCalled(task, calls().get(task.id) ?? []) ? MORE : null;
  }

  /** Those whose merge was asked for or taken back, with why nobody wants it; null: it is wanted. */
  function judged(sights: PullSights): readonly { readonly sight: PullSight; readonly why: string | null }[] {
    const asked = [...sights.values()].filter((sight) => isAsked(sight) || unmergedAt(sight)?.takenBack !== undefined);
    if (asked.length === 0) return [];
    const tasks = new Map(store.tasks(asked.map(({ task }) => task)).map((task) => [task.id, task]));
    return asked.flatMap((sight) => {
      const task = tasks.get(sight.task);
      return task === undefined ? [] : [{ sight, why: why(task) }];
    });
  }

  const waits = (number: number): boolean => Math.abs(clock.now() - (failed.get(number) ?? Number.NEGATIVE_INFINITY)) < AGAIN;

  async function take(before: PullSights, { number, commit, task }: PullSight, reason: string, signal: AbortSignal): Promise<PullSights> {
    try {
      const isOurs = await forge.takeBack(number, signal);
      failed.delete(number);
      const sights = takeBack(before, number, isOurs);
      if (!isOurs) return before.get(number)?.unmerged?.takenBack === false ? takeUnmerged(sights, number, null) : sights;
      const detail = `pull #${number}: GitHub does not merge it any more: ${reason}`;
      log.info(detail, { task });
      store.commit({ history: [{ at: clock.now(), task, run: null, event: 'taken-back', detail }] });
      return takeUnmerged(sights, number, { commit, why: reason, since: clock.now(), takenBack: true });
    } catch (error) {
      if (signal.aborted) return before;
      failed.set(number, clock.now());
      log.warn(`pull #${number}: ${reason}, and GitHub may merge it still: ${messageOf(error)}`, { task });
      const words = `${reason}, but GitHub may merge it still: ${messageOf(error)}`;
      return takeUnmerged(before, number, { commit, why: words, since: clock.now(), takenBack: false });
    }
  }

  return {
    isDue: (sights) => judged(sights).some(({ sight, why: reason }) => reason !== null && isAsked(sight) && !waits(sight.number)),
    async withdraw(before, signal) {
      let sights = before;
      for (const number of [...failed.keys()]) if (before.get(number)?.state !== 'open') failed.delete(number);
      for (const { sight, why: reason } of judged(before)) {
        if (signal.aborted) return sights;
        if (reason === null) {
          if (unmergedAt(sight)?.takenBack !== undefined) sights = takeUnmerged(sights, sight.number, null);
        } else if (isAsked(sight) && !waits(sight.number)) sights = await take(sights, sight, reason, signal);
      }
      return sights;
    },
  };
}
