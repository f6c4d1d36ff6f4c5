import { type Request, unheard } from '../../core/model/records.ts';
import { isPersonsWord } from '../../core/voices/persons-word.ts';
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
  /** Persons are told from workers here: what appears in the database from now on is nobody's word. What lies there was noted while no daemon ran. */
  hearPersons(): void;
}

/** Requests that this daemon took from somebody itself, and knows from whom: anybody can write a row into the database. */
export interface Heard {
  readonly persons: Hearing;
  hearsPersons(): boolean;
  /** The store, whose requests say who was heard to make them: as it was said, whatever stands in the row now. */
  readonly store: Store;
}

/** What persons said and no tick has taken yet, by the request's number. An engine that begins anew in the same process goes on with it. */
export type Said = Map<number, Request>;

export function createHeard({ store, ask }: Unwritten, clock: Clock, bell: Bell, said: Said = new Map()): Heard {
  let noted: ReadonlySet<number> | null = null;
  /** Whatever it says of itself. */
  const asRow = ({ id, at, verb, task, args, by }: Request): Request => {
    if (id < 0) return { id, at, verb, task, args, ...(by === undefined ? {} : { by }) };
    const row = { id, at, verb, task, args };
    const counts = noted === null || (noted.has(id) && !isPersonsWord(verb, null));
    return counts ? row : unheard(row);
  };
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
        noted ??= new Set(store.requests().map(({ id }) => id));
      },
    },
    hearsPersons: () => noted !== null,
    store: {
      ...store,
      requests() {
        const rows = store.requests();
        if (said.size === 0 && rows.length === 0) return rows;
        const open = new Set(rows.map(({ id }) => id));
        for (const id of said.keys()) if (!open.has(id)) said.delete(id);
        return rows.map((row) => said.get(row.id) ?? asRow(row));
      },
    },
  };
}
