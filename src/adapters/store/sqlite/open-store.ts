import type { Misfit } from '../../../engine/ports/records/facts.ts';
import type { Store } from '../../../engine/ports/records/store.ts';
import { openSqliteStore } from './sqlite.ts';

/** Where the state of a repository is kept, as a Place or a Project has it. */
export interface StorePlace {
  readonly database: string;
}

export interface OpenOptions {
  /** Reads the whole file once, so that damage is found now. */
  readonly verify?: boolean;
  /** Told once of each thing that is stored and does not have its shape. */
  readonly onMisfit?: (misfit: Misfit) => void;
}

/** The repository's store, for a process beside the daemon: `read` throws where there is none yet, `write` makes it. */
export function openStore({ database }: StorePlace, access: 'read' | 'write' = 'read', options: OpenOptions = {}): Store {
  return openSqliteStore({ path: database, readOnly: access === 'read', ...options });
}
