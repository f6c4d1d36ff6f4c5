import type { Ms } from '../../core/model/seen.ts';
import type { Performed } from '../../engine/perform/step/performs.ts';

/** So many starts in a row that fail: it is the machine. */
const MOST = 3;
const REST_MS = 5 * 60_000;

/** A machine whose starts fail takes nothing for five minutes, then one run at a time until a start succeeds. */
export interface Starts {
  /** What came of an action; null: it succeeded. */
  saw(kind: Performed['kind'], failure: string | null): void;
  /** Why it takes nothing or little; null: it takes what fits. */
  broken(): string | null;
  mayTake(atWork: number): boolean;
}

export function watchStarts(steady: () => Ms, say: (words: string) => void): Starts {
  let inARow = 0;
  let last = '';
  let restsUntil: Ms = 0;
  const isBroken = (): boolean => inARow >= MOST;
  return {
    saw(kind, failure) {
      if (failure === null) {
        if (kind !== 'launch') return;
        if (isBroken()) say('a start succeeded: it takes what fits again');
        inARow = 0;
      } else if (kind === 'launch' || kind === 'prepare') {
        inARow += 1;
        last = failure;
        if (!isBroken()) return;
        restsUntil = steady() + REST_MS;
        say(`${inARow} starts in a row failed here: it takes nothing for ${REST_MS / 60_000} minutes. The last: ${failure}`);
      }
    },
    broken: () => (isBroken() ? `${inARow} starts in a row failed: ${last}`.slice(0, 500) : null),
    mayTake: (atWork) => !isBroken() || (steady() >= restsUntil && atWork === 0),
  };
}
