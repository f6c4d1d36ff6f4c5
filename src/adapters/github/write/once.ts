import { PortError } from '../../../engine/ports/error.ts';
import type { Log } from '../../../engine/ports/records/log.ts';
import { pause as byTimer, type Pause } from './turns.ts';

export interface Once<T> {
  /** Asks the forge whether it is there already; null: no. */
  readonly look: () => Promise<T | null>;
  /** Makes it, sending one request. */
  readonly make: () => Promise<T>;
  /** Pauses before each further look after a lost answer, in ms: what was written may show a moment later. */
  readonly lookDelays: readonly number[];
  /** Left out: by the machine's timers. */
  readonly pause?: Pause;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Does something on the forge at most once: look, make, and after a lost answer look again.
 *
 * It never makes twice in one call. When the answer is lost and nothing shows, the retryable error goes up, and the next
 * call begins with a look: by then a request that was still under way has landed. A crash between `make` and its answer
 * is the same case.
 */
export async function once<T>({
  look,
  make,
  lookDelays,
  pause = byTimer,
  log,
  signal,
}: Once<T>): Promise<{ readonly value: T; readonly made: boolean }> {
  const there = await look();
  if (there !== null) return { value: there, made: false };
  try {
    return { value: await make(), made: true };
  } catch (error) {
    // A terminal or limited refusal says that nothing was done.
    if (!(error instanceof PortError) || error.sort !== 'retryable' || signal.aborted) throw error;
    log.warn('GitHub did not say whether it was done: tac8 looks', { error: error.message });
    for (const delay of lookDelays) {
      await pause(delay, signal);
      const found = await look();
      if (found !== null) return { value: found, made: true };
    }
    throw error;
  }
}
