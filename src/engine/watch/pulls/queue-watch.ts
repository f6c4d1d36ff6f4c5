import type { Ms } from '../../../core/model/seen.ts';
import { type PullSights, takeUnmerged } from '../../../core/review/pull-sights.ts';
import { messageOf } from '../../../core/words/message-of.ts';
import type { Clock } from '../../ports/machine/clock.ts';
import type { Forge } from '../../ports/outside/forge.ts';
import type { Log } from '../../ports/records/log.ts';
import type { Store } from '../../ports/records/store.ts';

/** Whether the forge is still on the merges that were asked of it. */
export interface QueueWatch {
  /** Answers the sights with what it has let go. */
  look(sights: PullSights, signal: AbortSignal): Promise<PullSights>;
}

export interface QueueWatchOptions {
  readonly forge: Pick<Forge, 'letGo'>;
  readonly store: Pick<Store, 'commit'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** One question is for all of them; a storm of webhooks asks it no more often. */
const AGAIN: Ms = 10_000;

export function watchQueue({ forge, store, clock, log }: QueueWatchOptions): QueueWatch {
  let askedAt = Number.NEGATIVE_INFINITY;

  return {
    async look(before, signal) {
      const waiting = [...before.values()].filter(
        ({ state, advanced, commit }) => state === 'open' && advanced?.step === 'merge' && advanced.commit === commit,
      );
      const now = clock.now();
      if (waiting.length === 0 || Math.abs(now - askedAt) < AGAIN) return before;
      askedAt = now;
      let sights = before;
      try {
        const found = await forge.letGo(
          waiting.map(({ number }) => number),
          signal,
        );
        for (const { number, task, commit, unmerged } of waiting) {
          const gone = found.get(number);
          if (gone === undefined || gone?.id === unmerged?.letGo?.id) continue;
          sights = takeUnmerged(sights, number, gone === null ? null : { commit, why: gone.words, since: now, letGo: gone });
          const detail = `pull #${number}: ${gone === null ? 'GitHub is on its merge again' : gone.words}`;
          log.info(detail, { task });
          store.commit({ history: [{ at: now, task, run: null, event: gone === null ? 'green' : 'let-go', detail }] });
        }
      } catch (error) {
        if (!signal.aborted) log.warn(`whether GitHub still merges what it was asked to merge is not known: ${messageOf(error)}`);
      }
      return sights;
    },
  };
}
