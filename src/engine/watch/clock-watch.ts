import { NEW_FLEET } from '../../core/model/fleet.ts';
import type { Ms } from '../../core/model/seen.ts';
import { movedRun, movedTask } from '../../core/tick/clock-set.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { age } from '../../core/words/span.ts';
import type { Clock } from '../ports/machine/clock.ts';
import type { Log } from '../ports/records/log.ts';
import type { Store } from '../ports/records/store.ts';

/** Less than that is a clock that is kept right. */
const SET: Ms = 2_000;

const MOMENT: Ms = 200;
const TRIES = 5;

/**
 * Notices that the clock on the wall was set, by the one that nobody sets; then the times that open tasks and runs wait from are moved along.
 * Answers whether it was: what the loop has in its head is of the old time, and whoever runs it is told to begin anew.
 */
export function watchClock(
  { store, clock, log }: { readonly store: Store; readonly clock: Clock; readonly log: Log },
  onSet: ((by: Ms) => void) | undefined,
): () => boolean {
  /** Both read within a moment; between two readings a busy machine may do something else for seconds. */
  const offset = (): Ms | null => {
    for (let n = 0; n < TRIES; n += 1) {
      const from = clock.steady();
      const now = clock.now();
      const to = clock.steady();
      if (to - from <= MOMENT) return now - from;
    }
    return null;
  };
  let before: Ms | null = null;

  function move(by: Ms): void {
    const fleet = store.fact('fleet') ?? NEW_FLEET;
    const { parked, pausedAt } = fleet;
    const moved = (parking: typeof parked): typeof parked => (parking === null ? null : { ...parking, since: parking.since + by });
    store.commit({
      runs: store.openRuns().map((run) => ({ next: movedRun(run, by), expected: run.version })),
      tasks: store.openTasks().map((task) => ({ next: movedTask(task, by), expected: task.version })),
      facts: {
        fleet: {
          ...fleet,
          pausedAt: pausedAt === null ? null : pausedAt + by,
          parked: moved(parked),
          ...(fleet.logins !== undefined && {
            logins: Object.fromEntries(
              Object.entries(fleet.logins).map(([name, state]) => [name, { ...state, parked: moved(state.parked) }]),
            ),
          }),
        },
      },
    });
  }

  return () => {
    const now = offset();
    if (now === null) return false;
    const by = now - (before ?? now);
    // Bit by bit, as a time server does it, it is no jump.
    before = now;
    if (Math.abs(by) < SET) return false;
    log.warn(`the clock was set ${by < 0 ? 'back' : 'forward'} by ${age(Math.abs(by))}: waits and limits go on as if it had not been`);
    try {
      move(by);
    } catch (error) {
      log.error(`the clock was set, and the times that workers wait from could not be moved along: ${messageOf(error)}`);
    }
    onSet?.(by);
    return true;
  };
}
