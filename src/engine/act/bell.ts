import type { Ms } from '../../core/model/seen.ts';
import type { Clock } from '../ports/machine/clock.ts';

/** What wakes the loop. Any number of calls before the next tick are one; those during a tick are kept for the sleep that follows. */
export interface Bell {
  /** Something inside has news: it is to be thought about. */
  ring(): void;
  /** Something outside may have changed: it is to be looked at. */
  rouse(): void;
  hasNews(): boolean;
  /** All that rang so far is about to be thought about. */
  takeNews(): void;
  /** Until a time or the next call, whichever comes first. */
  sleep(until: Ms): Promise<void>;
}

/** Calls that come in a burst are one tick. */
const BREATH: Ms = 10;
/** Where ticks follow each other without end (a hundred workers end at the same time), the loop works for this share of the time … */
const SHARE = 0.25;
/** … once it has used the processor for so long beyond it (a tick that waits for git or a busy machine is no work); a tick is never put off for longer than the rest. */
const CREDIT: Ms = 750;
const LONGEST_REST: Ms = 250;

export function createBell(clock: Clock): Bell {
  let rung = false;
  let news = true;
  let woken = clock.now();
  let credit = CREDIT;
  let slept = woken;
  let spentBefore = clock.spent();
  let stir: (() => void) | null = null;
  const rouse = (): void => {
    rung = true;
    stir?.();
  };
  const pause = (until: Ms): Promise<void> => new Promise((resolve) => void clock.at(until, resolve));

  /** How long the loop is to rest after this tick. */
  function restAfterWork(now: Ms): Ms {
    const worked = Math.max(0, clock.spent() - spentBefore);
    const passed = Math.max(0, now - slept);
    slept = now;
    credit = Math.min(CREDIT, credit + SHARE * passed - worked);
    return credit >= 0 ? 0 : Math.min(LONGEST_REST, -credit / SHARE);
  }

  return {
    rouse,
    ring() {
      news = true;
      rouse();
    },
    hasNews: () => news,
    takeNews() {
      news = false;
    },
    async sleep(until) {
      const rested = clock.now() + restAfterWork(clock.now());
      if (!rung && clock.now() < until) {
        await new Promise<void>((resolve) => {
          const cancel = Number.isFinite(until) ? clock.at(until, resolve) : () => undefined;
          stir = () => {
            cancel();
            resolve();
          };
        });
        stir = null;
      }
      // The first call is answered at once; what follows within a breath of it is one tick.
      const ready = Math.max(woken + BREATH, rested);
      const now = clock.now();
      // A clock that was set back meanwhile makes no longer rest of it.
      if (rung && now < ready) await pause(Math.min(ready, now + LONGEST_REST));
      woken = clock.now();
      spentBefore = clock.spent();
      rung = false;
    },
  };
}
