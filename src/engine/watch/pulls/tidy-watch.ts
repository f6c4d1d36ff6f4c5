import type { Ms } from '../../../core/model/seen.ts';
import { type PullSight, type PullSights, takeTidied } from '../../../core/review/pull-sights.ts';
import { messageOf } from '../../../core/words/message-of.ts';
import { PortError } from '../../ports/error.ts';
import type { Clock } from '../../ports/machine/clock.ts';
import type { Forge } from '../../ports/outside/forge.ts';
import type { Log } from '../../ports/records/log.ts';
import type { Store } from '../../ports/records/store.ts';

/** Deletes the branches of merged pulls, where a setting wants that. */
export interface TidyWatch {
  /** Answers the sights with those that are done with. */
  tidy(sights: PullSights, signal: AbortSignal): Promise<PullSights>;
}

export interface TidyWatchOptions {
  readonly forge: Pick<Forge, 'dropBranch'>;
  readonly store: Pick<Store, 'tasks' | 'commit'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly wants: () => boolean;
}

/** What was merged longer ago stays as it is: the setting may be new. */
const LATELY: Ms = 24 * 60 * 60_000;
/** What did not work is tried again after this. */
const AGAIN: Ms = 10 * 60_000;

export function watchBranches({ forge, store, clock, log, wants }: TidyWatchOptions): TidyWatch {
  const failed = new Map<number, Ms>();

  async function tidyOne(before: PullSights, { number, task }: PullSight, signal: AbortSignal): Promise<PullSights> {
    try {
      const why = await forge.dropBranch(number, signal);
      const detail = `pull #${number}: ${why === null ? 'its branch is deleted at GitHub' : `its branch stays at GitHub: ${why}`}`;
      log.info(detail, { task });
      store.commit({ history: [{ at: clock.now(), task, run: null, event: 'branch', detail }] });
    } catch (error) {
      if (signal.aborted) return before;
      log.warn(`the branch of pull #${number} is not deleted: ${messageOf(error)}`, { task });
      failed.set(number, clock.now());
      if (!(error instanceof PortError) || error.sort !== 'terminal') return before;
    }
    return takeTidied(before, number);
  }

  return {
    async tidy(before, signal) {
      if (!wants()) return before;
      const now = clock.now();
      const merged = [...before.values()].filter(
        ({ state, tidied, at, number }) =>
          state === 'merged' &&
          tidied !== true &&
          now - at < LATELY &&
          Math.abs(now - (failed.get(number) ?? Number.NEGATIVE_INFINITY)) >= AGAIN,
      );
      if (merged.length === 0) return before;
      // While the task goes on, its branch is in use.
      const done = new Set(store.tasks(merged.map(({ task }) => task)).flatMap(({ id, state }) => (state === 'completed' ? [id] : [])));
      let sights = before;
      for (const sight of merged) if (done.has(sight.task) && !signal.aborted) sights = await tidyOne(sights, sight, signal);
      return sights;
    },
  };
}
