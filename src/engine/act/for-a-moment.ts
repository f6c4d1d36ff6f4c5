import type { Ms } from '../../core/model/seen.ts';
import type { Clock } from '../ports/machine/clock.ts';

/** A daemon that is told to leave at once does so: what git still does then is harmless. */
const LEAVING: Ms = 3_000;

/** Waits for them, but not for long. */
export async function forAMoment(clock: Clock, works: ReadonlySet<Promise<void>>): Promise<void> {
  if (works.size === 0) return;
  let cancel = (): void => undefined;
  const enough = new Promise<void>((resolve) => {
    cancel = clock.at(clock.now() + LEAVING, resolve);
  });
  await Promise.race([Promise.allSettled([...works]), enough]);
  cancel();
}
