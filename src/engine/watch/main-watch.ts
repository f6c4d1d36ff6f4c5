import type { MainLook } from '../../core/model/household.ts';
import type { Run } from '../../core/model/run.ts';
import { known, type Ms, type Seen, unknown } from '../../core/model/seen.ts';
import { messageOf } from '../../core/words/message-of.ts';
import type { Clock } from '../ports/machine/clock.ts';
import type { Housekeeping } from '../ports/repository/housekeeping.ts';

/** What has changed in the main checkout while workers lived. */
export interface MainWatch {
  seen(): Seen<MainLook>;
  /** Looks if it is time; answers whether a run began or ended. `isAlarmed`: something there is a worker's. */
  follow(runs: readonly Run[], isAlarmed: boolean): boolean;
  dueAt(): Ms;
}

export interface MainWatchOptions {
  readonly clock: Clock;
  readonly housekeeping: Pick<Housekeeping, 'mainChanges' | 'mainUnchangedSince'>;
  /** Told of the work under way, so that leaving can wait for it. */
  readonly track: (work: Promise<void>) => void;
  readonly wake: () => void;
  /** Workers of an earlier daemon live. */
  readonly worksNow: boolean;
}

const EVERY: Ms = 2 * 60_000;
/** A worktree that is being written has the disk for itself for so long. */
const WAITS: Ms = 30_000;

export const hasAgent = ({ state }: Run): boolean => state === 'starting' || state === 'running' || state === 'stopping';

export function watchMain({ clock, housekeeping, track, wake, worksNow }: MainWatchOptions): MainWatch {
  let seen: Seen<MainLook> = unknown('not looked at yet', 0);
  let due: Ms = 0;
  /** Somebody could be about to change something there, or has. */
  let isWatched = true;
  let looking = false;
  /** Workers lived since the last look, and nobody had one at this time; null: none did. */
  let worked: Ms | null = worksNow ? Number.NEGATIVE_INFINITY : null;
  let calm: Ms = clock.now();
  let runsSeen = '';

  async function look(alive: boolean): Promise<void> {
    looking = true;
    const asked = clock.now();
    due = asked + EVERY;
    // Whoever lives at the beginning of this look may change something after it: the next one counts that.
    const since = worked;
    worked = alive ? Number.NEGATIVE_INFINITY : null;
    try {
      const paths = await housekeeping.mainChanges();
      const before = since === null || paths.length === 0 ? [] : await housekeeping.mainUnchangedSince(paths, since);
      seen = known({ paths, worked: since !== null, before }, asked);
    } catch (error) {
      worked = since === null ? worked : Math.min(since, worked ?? since);
      seen = unknown(messageOf(error), asked);
    }
    looking = false;
    wake();
  }

  /**
   * A run that begins or ends is a reason to look: what is there before it begins is a person's. While its worktree is written the look
   * would only slow that down; what a person left is told by its time.
   */
  function noteRuns(runs: readonly Run[]): boolean {
    const now = runs.flatMap(({ id, state }) => (state === 'ended' ? [] : [state === 'preparing' ? `${id} soon` : id])).join();
    if (!runs.some(hasAgent)) calm = clock.now();
    else worked ??= calm;
    if (now === runsSeen) return false;
    runsSeen = now;
    const isWritten = runs.some(({ state }) => state === 'preparing');
    if (!isWritten) due = 0;
    else if (due <= clock.now()) due = clock.now() + WAITS;
    return true;
  }

  return {
    seen: () => seen,
    follow(runs, isAlarmed) {
      const isNews = noteRuns(runs);
      isWatched = runs.length > 0 || isAlarmed || due === 0;
      if (isWatched && !looking && clock.now() >= due) track(look(runs.some(hasAgent)));
      return isNews;
    },
    dueAt: () => (looking || !isWatched ? Number.POSITIVE_INFINITY : due),
  };
}
