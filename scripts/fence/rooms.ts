import type { Room } from './room.ts';
import { ADAPTERS } from './rooms/adapters.ts';
import { GROUND } from './rooms/ground.ts';
import { UPPER } from './rooms/upper.ts';

/**
 * Every folder of src/ that holds files, from the top of the house to its ground. The order is the law: of its own house (`core`, `cli`,
 * `adapters/git` …) a room imports the rooms that stand below it; what it takes of other houses, or of libraries, stands in its row.
 * All else `npm run lint` refuses. After a change: `npm run map`.
 */
export const ROOMS: readonly Room[] = [...UPPER, ...ADAPTERS, ...GROUND];
