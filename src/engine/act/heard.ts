import type { Request } from '../../core/model/records.ts';
import type { Clock } from '../ports/machine/clock.ts';
import type { Store } from '../ports/records/store.ts';
import type { Bell } from './bell.ts';
import type { Spoken, Unwritten } from './unwritten.ts';

/** How persons are heard by a running engine. */
export interface Hearing {
  /** What a person wants ended, who could not write it into the store; answered when it is done. */
  readonly ask: Unwritten['ask'];
  /** The command of somebody who was told from a worker, and who that is. Writes it down for the next tick; answers its number. */
  hear(spoken: Spoken, by: string): number;
  /** Persons are told from workers here: what only they may say counts from nobody else, from now on. */
  hearPersons(): void;
}

/** Requests that this daemon took from somebody itself, and knows from whom: anybody can write a row into the database. */
export interface Heard {
  readonly persons: Hearing;
  hearsPersons(): boolean;
  /** The store, whose requests say who was heard to make them: as it was said, whatever stands in the row now. */
  readonly store: Store;
}

export function createHeard({ store, ask }: Unwritten, clock: Clock, bell: Bell): Heard {
  const said = new Map<number, Request>();
  let isTelling = false;
  return {
    persons: {
      ask(spoken) {
        const reply = ask(spoken);
        bell.ring();
        return reply;
      },
      hear(spoken, by) {
        const at = clock.now();
        const id = store.ask({ ...spoken, at });
        said.set(id, { ...spoken, id, at, by });
        bell.rouse();
        return id;
      },
      hearPersons() {
        isTelling = true;
      },
    },
    hearsPersons: () => isTelling,
    store: {
      ...store,
      requests() {
        const rows = store.requests();
        if (said.size === 0 && rows.length === 0) return rows;
        const open = new Set(rows.map(({ id }) => id));
        for (const id of said.keys()) if (!open.has(id)) said.delete(id);
        return rows.map(
          ({ id, at, verb, task, args, by }) => said.get(id) ?? { id, at, verb, task, args, ...(id < 0 && by !== undefined ? { by } : {}) },
        );
      },
    },
  };
}
