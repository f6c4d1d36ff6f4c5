import { type MachineSeen, toldOf } from '../../adapters/machines/register.ts';
import { isNews, MACHINES_FACT, type MachinesFact } from '../../core/limits/machines-seen.ts';
import type { Ms } from '../../core/model/seen.ts';
import { messageOf } from '../../core/words/message-of.ts';
import type { Store } from '../../engine/ports/records/store.ts';

/** Writes down what was heard of the machines: `status` reads the store alone, and waits for no Postgres. */
export interface Told {
  heard(machines: readonly MachineSeen[]): void;
  /** Postgres does not answer: what was heard before stays, with its age. */
  notHeard(error: unknown): void;
}

export function tellOfMachines(store: Pick<Store, 'fact' | 'commit'>, now: () => Ms): Told {
  const write = (fact: MachinesFact): void => {
    if (isNews(store.fact(MACHINES_FACT), fact)) store.commit({ facts: { [MACHINES_FACT]: fact } });
  };
  return {
    heard(machines) {
      const at = now();
      write({ at, unheard: null, machines: machines.map((one) => toldOf(one, at)) });
    },
    notHeard(error) {
      write({ at: now(), unheard: messageOf(error), machines: store.fact(MACHINES_FACT)?.machines ?? [] });
    },
  };
}
