import type { Ms, Seen } from '../core/model/seen.ts';
import type { Machine, ProcessSeen } from '../core/tick/world.ts';
import type { Sight } from './observe.ts';
import type { Store } from './ports/records/store.ts';
import type { BoardReading } from './ports/repository/board.ts';

/** Nothing that is looked at has changed: then it is thought about again no later than this. */
const ROUND: Ms = 10_000;

export interface Stillness {
  /** Until when nothing is to be thought about, if nothing has happened since the last tick as far as a plan could tell; else null. */
  until(sight: Sight, now: Ms): Ms | null;
  /** What a tick was decided on. `changes`: see Store; `until`: when something follows from it by time alone. */
  note(decided: { readonly sight: Sight; readonly changes: number; readonly until: Ms }, now: Ms): void;
  forget(): void;
}

/** A tick in which nothing has happened need not be thought about. `restsOn`: what a plan rests on besides what is seen and stored. */
export function watchStillness(store: Pick<Store, 'changes'>, bounds: () => Bounds, restsOn: () => readonly unknown[]): Stillness {
  let last: { sight: Sight; changes: number; rests: readonly unknown[]; from: Ms; until: Ms } | null = null;
  return {
    until(sight, now) {
      // A clock that was set back says nothing of what is due.
      if (last === null || now < last.from || now >= last.until || store.changes() !== last.changes) return null;
      const rests = restsOn();
      return last.rests.every((one, n) => one === rests[n]) && sawSame(last.sight, sight, bounds()) ? last.until : null;
    },
    note({ sight, changes, until }, now) {
      last = { sight, changes, rests: restsOn(), from: now, until: Math.min(until, now + ROUND) };
    },
    forget() {
      last = null;
    },
  };
}

/** How far the machine has to be from what starts nothing more. */
export interface Bounds {
  readonly minFreeMemory: number;
  readonly minFreeDisk: number;
  readonly loadPerCore: number;
}

/**
 * Whether two looks saw the same, so that what was decided on the first would be decided on the second. What the machine has to spare moves all
 * the time: it counts as the same on the same side of every bound. In doubt they differ.
 */
export function sawSame(one: Sight, two: Sight, bounds: Bounds): boolean {
  return (
    sameEach(one.processes, two.processes, sameSeen(sameProcess)) &&
    sameEach(one.streams, two.streams, (a, b) => a === b || (a.offset === b.offset && a.events === b.events)) &&
    sameEach(one.unread, two.unread, (a, b) => a === b) &&
    // The first cause of each stays.
    one.endedThere?.size === two.endedThere?.size &&
    sameEach(
      one.signs,
      two.signs,
      sameSeen((a, b) => a.stop === b.stop && a.blocked === b.blocked),
    ) &&
    sameSeen(sameBoard)(one.board, two.board) &&
    sameSeen((a: Machine, b: Machine) => sidesOf(a, bounds) === sidesOf(b, bounds))(one.machine, two.machine) &&
    (one.logins === two.logins ||
      (one.logins !== null && two.logins !== null && sameSeen((a: string, b: string) => a === b)(one.logins, two.logins)))
  );
}

function sameEach<K, V>(one: ReadonlyMap<K, V>, two: ReadonlyMap<K, V>, same: (a: V, b: V) => boolean): boolean {
  if (one.size !== two.size) return false;
  for (const [key, value] of one) {
    const other = two.get(key);
    if (other === undefined || !same(value, other)) return false;
  }
  return true;
}

/** What nobody could tell is asked again, and the answer thought about, each time. */
const sameSeen =
  <T>(same: (a: T, b: T) => boolean) =>
  (a: Seen<T>, b: Seen<T>): boolean =>
    a.known && b.known && same(a.value, b.value);

function sameProcess(a: ProcessSeen, b: ProcessSeen): boolean {
  if (a.kind === 'alive')
    return (
      b.kind === 'alive' && a.members === b.members && a.identity.pid === b.identity.pid && a.identity.startTime === b.identity.startTime
    );
  // What has ended has a next step; what was never there is about to be started.
  return false;
}

/** A file that was read again, and says what it said: nothing is asked for, and nothing is wrong with it. */
function sameBoard(a: BoardReading, b: BoardReading): boolean {
  const isCalm = (one: BoardReading): boolean => one.intents.length === 0 && one.held === null;
  if (a === b) return isCalm(a);
  const [one, two] = [a.base, b.base];
  const isSame = one.text === two.text && one.memory === two.memory && one.next === two.next && one.given === two.given;
  return isSame && [a, b].every((reading) => isCalm(reading) && reading.problems.length === 0);
}

const sidesOf = (machine: Machine, bounds: Bounds): string =>
  [
    machine.freeMemoryBytes < bounds.minFreeMemory,
    machine.freeDiskBytes < bounds.minFreeDisk,
    machine.loadPerCore > bounds.loadPerCore,
  ].join();
