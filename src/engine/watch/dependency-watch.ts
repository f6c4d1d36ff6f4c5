import type { Dependency, Issue } from '../../core/model/forge.ts';
import type { Known, Ms, Seen } from '../../core/model/seen.ts';
import { createLookUps, isBefore, isWithin, type LookUpsOptions } from './look-ups.ts';

/** Which issues others depend on. Whether an issue depends on open ones at all stands in the list: that is what decides, and costs nothing. */
export interface DependencyWatch {
  answers(): ReadonlyMap<number, Seen<readonly Dependency[]>>;
  /** Takes in a new list. */
  noteList(list: readonly Issue[]): void;
  /** Asks about these, unless what is known of them still counts. */
  want(numbers: readonly number[], list: Known<unknown> | null): void;
}

/**
 * As long as the list says that as many of them are open as before, it is asked again this seldom; where many issues depend on others, more
 * seldom.
 */
const AGAIN: Ms = 10 * 60_000;
const APART: Ms = 5_000;

export function watchDependencies(
  options: Omit<LookUpsOptions<readonly Dependency[]>, 'what'> & { readonly interval: () => Ms },
): DependencyWatch {
  const { clock, interval } = options;
  const lookUps = createLookUps<readonly Dependency[]>({ ...options, what: (number) => `dependencies of #${number}` });
  /** What the list says of those that depend on open ones, and since when it says so. */
  let listed = new Map<number, { readonly open: number; readonly total: number; readonly since: Ms }>();

  return {
    answers: lookUps.answers,
    noteList(list) {
      const before = listed;
      listed = new Map();
      for (const { number, dependencies } of list) {
        if (dependencies === undefined || dependencies.open === 0) continue;
        const was = before.get(number);
        const isSame = was?.open === dependencies.open && was.total === dependencies.total;
        listed.set(number, isSame ? was : { ...dependencies, since: clock.now() });
      }
      lookUps.forget((number, askedAt) => listed.has(number) || isWithin(askedAt, AGAIN, clock.now()));
    },
    want(numbers, list) {
      const span = Math.max(AGAIN, interval(), numbers.length * APART);
      lookUps.want(numbers, (askedAt, answer, number) => {
        if (isBefore(askedAt, listed.get(number)?.since ?? 0, clock.now())) return false;
        // One that did not come is asked for with the next poll, as is one that contradicts a newer list.
        if (answer?.known === false) return isWithin(askedAt, interval(), clock.now());
        const isContradicted =
          answer?.value.every(({ open }) => !open) === true && list !== null && isBefore(askedAt, list.at, clock.now());
        return !isContradicted && isWithin(askedAt, span, clock.now());
      });
    },
  };
}
