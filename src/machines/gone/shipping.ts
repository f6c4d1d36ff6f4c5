import type { Run } from '../../core/model/run.ts';
import type { Ms } from '../../core/model/seen.ts';
import type { RunId } from '../../core/model/task.ts';

/** Where it did not work it is tried again after this time. */
const AGAIN_MS = 30_000;

/** Has each run's work sent here now and then while it goes on: one at a time per machine, beside everything else. */
export function shipNowAndThen(every: () => Ms, ship: (run: Run) => Promise<void>, steady: () => Ms): (runs: readonly Run[]) => void {
  const due = new Map<RunId, Ms>();
  let isShipping = false;
  return (runs) => {
    const now = steady();
    const live = runs.filter(({ state }) => state === 'running');
    const ids = new Set(live.map(({ id }) => id));
    for (const id of [...due.keys()]) if (!ids.has(id)) due.delete(id);
    for (const { id } of live) if (!due.has(id)) due.set(id, now + every());
    const next = live.find(({ id }) => (due.get(id) ?? now) <= now);
    if (next === undefined || isShipping) return;
    isShipping = true;
    void ship(next)
      .then(
        () => due.set(next.id, steady() + every()),
        () => due.set(next.id, steady() + Math.min(every(), AGAIN_MS)),
      )
      .finally(() => {
        isShipping = false;
      });
  };
}
