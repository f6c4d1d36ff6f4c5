import type { Ms } from '../core/seen.ts';
import type { RunId } from '../core/task.ts';
import { USAGE_FACT, type Usage, type UsageFact } from '../core/usage.ts';
import type { World } from '../core/world.ts';
import type { Ports } from './context.ts';

/** While workers run; each look is one durable write. */
const BUSY_EVERY: Ms = 10_000;
const IDLE_EVERY: Ms = 60_000;

/** Writes down what the machine has left and what each worker uses, now and then: `status` and the metrics read it there. */
export function watchUsage({ store, workers, clock, log }: Ports): (world: World) => Promise<void> {
  let due: Ms = 0;
  let known = '';
  return async (world) => {
    const now = clock.now();
    const live = store.openRuns().flatMap((run) => (run.state === 'running' || run.state === 'stopping' ? [run] : []));
    // A worker that came or went is news.
    const names = live.map(({ id }) => id).join();
    if (now < due && names === known) return;
    const found = await Promise.all(
      live.map(async ({ id, process }): Promise<readonly [RunId, Usage] | null> => {
        try {
          return [id, await workers.usage(id, process)];
        } catch (error) {
          log.debug(`what ${id} uses is not known: ${String(error)}`);
          return null;
        }
      }),
    );
    const used = Object.fromEntries(found.filter((one) => one !== null));
    const fact: UsageFact = { at: now, machine: world.machine.known ? world.machine.value : null, workers: used };
    store.commit({ facts: { [USAGE_FACT]: fact } });
    due = now + (live.length > 0 ? BUSY_EVERY : IDLE_EVERY);
    known = names;
  };
}
