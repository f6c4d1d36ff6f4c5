import type { Ms } from '../../../core/model/seen.ts';
import type { Damage, Misfit } from '../../../engine/ports/records/facts.ts';
import type { Store } from '../../../engine/ports/records/store.ts';
import { setAside } from './set-aside.ts';
import { openSqliteStore } from './sqlite.ts';
import { DamagedError } from './sqlite-error.ts';

/**
 * The store for a daemon, which holds the lock: a damaged file is kept beside it under a name of its own and a new one begun, which says so.
 * Whatever else is wrong (another program's file, a newer version, no right to read it) throws as ever.
 */
export function openOrBegin(
  path: string,
  now: Ms,
  onDamage: (damage: Damage) => void,
  onMisfit: (misfit: Misfit) => void = () => undefined,
): Store {
  try {
    return openSqliteStore({ path, verify: true, onMisfit });
  } catch (error) {
    if (!(error instanceof DamagedError)) throw error;
    const damage = { at: now, kept: setAside(path), message: error.message };
    const store = openSqliteStore({ path, verify: true, onMisfit });
    const detail = `${damage.message}: kept as ${damage.kept}, a new one begun`;
    store.commit({ facts: { damage }, history: [{ at: now, task: null, run: null, event: 'database-damaged', detail }] });
    onDamage(damage);
    return store;
  }
}
