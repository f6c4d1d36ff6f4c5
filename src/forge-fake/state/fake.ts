import { join } from 'node:path';
import type { Faults } from './faults.ts';
import { type ChangeSize, changeSize } from './git.ts';
import type { Hooks } from './hooks.ts';
import type { Journal } from './journal.ts';
import { isoTime, type StateStore } from './state.ts';

/** What every part of the fake works on. */
export interface Fake {
  readonly dir: string;
  readonly store: StateStore;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly hooks: Hooks;
  /** `http://127.0.0.1:4781`, root of the API, the pages and the git repositories. */
  readonly url: () => string;
  /** Milliseconds. */
  readonly now: () => number;
  /** How many commits and lines a pull brings; kept, as two commits never change. */
  readonly sizeOf: (base: string, head: string) => Promise<ChangeSize>;
  /** Runs the work after all that was given before it; never nested. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
}

export function createTurns(): Fake['inTurn'] {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work, work);
    last = mine;
    return mine;
  };
}

/** The bare repository of the owner or of a fork. */
export const barePath = (fake: Pick<Fake, 'dir' | 'store'>, owner: string = fake.store.state.repo.owner): string =>
  join(fake.dir, 'git', owner, `${fake.store.state.repo.id}.git`);

/** The time as GitHub writes it. */
export const stamp = (fake: Fake): string => isoTime(fake.now());

/** A number that no other object has. */
export function takeId(fake: Fake): number {
  const { state } = fake.store;
  const id = state.nextId;
  state.nextId += 1;
  fake.store.touch();
  return id;
}

export function createSizeOf(bare: string): Fake['sizeOf'] {
  const known = new Map<string, Promise<ChangeSize>>();
  return (base, head) => {
    const key = `${base} ${head}`;
    const size = known.get(key) ?? changeSize(bare, base, head);
    known.set(key, size);
    return size;
  };
}
