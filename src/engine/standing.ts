import type { Ms } from '../core/model/seen.ts';
import type { Clock } from './ports/machine/clock.ts';
import type { Log } from './ports/records/log.ts';

/** What was moved away has so long to come back: a person, or a worker, may have taken it for something else. */
const PATIENCE: Ms = 60_000;

/** `waits`: nothing of what could be read now would be true, and it may come back. `lost`: it did not; that is so until the end. */
export type Standing = 'good' | 'waits' | 'lost';

/** What a daemon may do while something is wrong with its right to run. `wrong`: what, in a sentence; null: nothing. */
export function watchStanding(wrong: () => string | null, clock: Pick<Clock, 'now'>, log: Log): () => Standing {
  let since: Ms | null = null;
  let isLost = false;
  return () => {
    if (isLost) return 'lost';
    const why = wrong();
    if (why === null) {
      if (since !== null) log.warn('what was gone is back: this daemon goes on');
      since = null;
      return 'good';
    }
    const now = clock.now();
    if (since === null) log.error(`${why}: this daemon does nothing for up to ${PATIENCE / 1_000} s, in case it comes back`);
    since ??= now;
    if (now - since < PATIENCE) return 'waits';
    isLost = true;
    log.error(`${why}: nothing new is started; this daemon leaves when its workers have ended; look at .tac8/`);
    return 'lost';
  };
}
