import { existsSync } from 'node:fs';
import { type LockHolder, lockHolder } from '../adapters/store/lock/lock.ts';
import { openMemoryStore } from '../adapters/store/memory.ts';
import { openStore } from '../adapters/store/sqlite/open-store.ts';
import type { Store } from '../engine/ports/records/store.ts';
import type { Place } from '../place/place.ts';

export type { LockHolder } from '../adapters/store/lock/lock.ts';
/** For commands beside the daemon: to read, or to write a request down. */
export { openStore } from '../adapters/store/sqlite/open-store.ts';

/** Who works on this repository; null: no daemon runs. */
export const daemonAt = ({ locks }: Pick<Place, 'locks'>): LockHolder | null => lockHolder(locks);

/** Before the first start there is no database: an empty one in memory tells the same. */
export const openForReading = ({ database }: Pick<Place, 'database'>): Store =>
  existsSync(database) ? openStore({ database }) : openMemoryStore();
