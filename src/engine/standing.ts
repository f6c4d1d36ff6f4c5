import type { Ms } from '../core/model/seen.ts';
import type { Clock } from './ports/machine/clock.ts';
import type { Log } from './ports/records/log.ts';

/** What was moved away has so long to come back: a person, or a worker, may have taken it for something else. */
const PATIENCE: Ms = 60_000;

/** `waits`: nothing of what could be read now would be true, and it may come back. `lost`: it did not; that is so until the end. */
export type Standing = 'good' | 'waits' | 'lost';

/** What is wrong with a daemon's right to run, in a sentence. */
export interface Wrong {
  readonly why: string;
  readonly mayComeBack: boolean;
}

/** What a daemon may do while something is wrong with its right to run. `isAsked`: a person wants something, who does not wait for that. */
export function watchStanding(wrong: () => Wrong | null, isAsked: () => boolean, clock: Pick<Clock, 'now'>, log: Log): () => Standing {
  let since: Ms | null = null;
  let isLost = false;
  return () => {
    if (isLost) return 'lost';
    const found = wrong();
    if (found === null) {
      if (since !== null) log.warn('what was gone is back: this daemon goes on');
      since = null;
      return 'good';
    }
    const now = clock.now();
    const { why, mayComeBack } = found;
    const waits = mayComeBack && !isAsked();
    if (since === null && waits) log.error(`${why}: this daemon does nothing for up to ${PATIENCE / 1_000} s, in case it comes back`);
    since ??= now;
    if (waits && now - since < PATIENCE) return 'waits';
    isLost = true;
    log.error(`${why}: nothing new is started; this daemon leaves when its workers have ended; look at .tac8/`);
    return 'lost';
  };
}
