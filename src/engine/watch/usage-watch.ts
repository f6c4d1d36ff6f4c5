import { USAGE_FACT, type Usage, type UsageFact } from '../../core/limits/usage.ts';
import type { Ms } from '../../core/model/seen.ts';
import type { RunId } from '../../core/model/task.ts';
import type { World } from '../../core/tick/world.ts';
import type { Ports } from '../ports/context.ts';

/** While workers run; each look is one durable write. */
const BUSY_EVERY: Ms = 10_000;
const IDLE_EVERY: Ms = 60_000;

/** Writes down what this machine has left and what each worker on it uses, now and then: `status` and the metrics read it there. */
export function watchUsage({ store, workers, clock, log }: Ports): (world: World) => Promise<void> {
  let due: Ms = 0;
  let known = '';
  return async (world) => {
    const now = clock.now();
    const here = store.openRuns().filter(({ machine }) => machine === undefined);
    const live = here.flatMap((run) => (run.state === 'running' || run.state === 'stopping' ? [run] : []));
    // A worker that came or went is news.
    const names = live.map(({ id }) => id).join();
    if (now < due && names === known) return;
    const found = await Promise.all(
      live.map(async ({ id, process }): Promise<readonly [RunId, Usage] | null> => {
        try {
          return [id, await workers.usage(id, process)];
        } catch (error) {
          log.debug(`tac8 does not know what ${id} uses: ${String(error)}`);
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
