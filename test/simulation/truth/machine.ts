import type { Machine } from '../../../src/core/tick/world.ts';
import type { Stage } from '../stage.ts';

/** The machine as it is now. */
export const machineNow = ({ troubles }: Pick<Stage, 'troubles'>): Machine => ({
  freeMemoryBytes: troubles.is('short-of-memory') ? 1 : 8 * 1024 ** 3,
  freeDiskBytes: 80 * 1024 ** 3,
  loadPerCore: 1,
});
