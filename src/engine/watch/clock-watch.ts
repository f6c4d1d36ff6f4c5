import { type LoginState, NEW_FLEET } from '../../core/model/fleet.ts';
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
 * The clock on the wall, as it was when it was followed last: whoever sets it in between, no time is told by it until then. So all that was noted
 * before is of the old time, and nothing of the new one is moved along with it.
 */
export interface EvenClock extends Clock {
  /** Goes by the clock on the wall as it is now; answers by how much that was set since. */
  follow(): Ms;
}

export function evenClock(given: Clock): EvenClock {
  /** Both read within a moment; between two readings a busy machine may do something else for seconds. */
  const measure = (): Ms | null => {
    for (let n = 0; n < TRIES; n += 1) {
      const from = given.steady();
      const now = given.now();
      const to = given.steady();
      if (to - from <= MOMENT) return now - from;
    }
    return null;
  };
  let offset: Ms | null = null;
  const now = (): Ms => {
    offset ??= measure();
    const wall = given.now();
    const even = given.steady() + (offset ?? Number.NaN);
    // Finer than the one that nobody sets, while both agree.
    return Math.abs(wall - even) >= SET ? even : wall;
  };
  return {
    ...given,
    now,
    at: (time, wake) => given.at(given.now() + (time - now()), wake),
    follow() {
      const measured = measure();
      if (measured === null) return 0;
      const by = measured - (offset ?? measured);
      // Bit by bit, as a time server does it, it is no jump.
      offset = measured;
      return Math.abs(by) < SET ? 0 : by;
    },
  };
}

/** Moves the times that open tasks and runs wait from to a clock that is `by` ahead of the one that they were noted by. */
export function moveAlong(
  store: Pick<Store, 'fact' | 'commit' | 'openRuns' | 'openTasks'>,
  clock: Pick<Clock, 'now' | 'startOfDay'>,
  by: Ms,
): void {
  const fleet = store.fact('fleet') ?? NEW_FLEET;
  const { pausedAt, day } = fleet;
  // What was spent today is today's still, whatever day it is now: a limit is not given anew by setting a clock.
  const isToday = day !== undefined && day.start === clock.startOfDay(clock.now() - by);
  const moved = <T extends Pick<LoginState, 'parked' | 'claim'>>(state: T): T => ({
    ...state,
    parked: state.parked === null ? null : { ...state.parked, since: state.parked.since + by },
    ...(state.claim !== undefined && { claim: { ...state.claim, at: state.claim.at + by } }),
  });
  store.commit({
    runs: store.openRuns().map((run) => ({ next: movedRun(run, by), expected: run.version })),
    tasks: store.openTasks().map((task) => ({ next: movedTask(task, by), expected: task.version })),
    facts: {
      fleet: {
        ...moved(fleet),
        pausedAt: pausedAt === null ? null : pausedAt + by,
        ...(isToday && { day: { ...day, start: clock.startOfDay(clock.now()) } }),
        ...(fleet.logins !== undefined && {
          logins: Object.fromEntries(Object.entries(fleet.logins).map(([name, state]) => [name, moved(state)])),
        }),
      },
    },
  });
}

/**
 * Notices that the clock on the wall was set, by the one that nobody sets; then the times that open tasks and runs wait from are moved along.
 * Answers whether it was: what the loop has in its head is of the old time, and whoever runs it is told to begin anew.
 */
export function watchClock(
  { store, clock, log }: { readonly store: Store; readonly clock: Pick<EvenClock, 'follow' | 'now' | 'startOfDay'>; readonly log: Log },
  onSet: ((by: Ms) => void) | undefined,
): () => boolean {
  return () => {
    const by = clock.follow();
    if (by === 0) return false;
    log.warn(`the clock was set ${by < 0 ? 'back' : 'forward'} by ${age(Math.abs(by))}: waits and limits go on as if it had not been`);
    try {
      moveAlong(store, clock, by);
    } catch (error) {
      log.error(`the clock was set, and the times that workers wait from could not be moved along: ${messageOf(error)}`);
    }
    onSet?.(by);
    return true;
  };
}
