import type { Housekeeping } from '../../../src/engine/ports/repository/housekeeping.ts';
import type { Life } from '../life.ts';
import type { Stage } from '../stage.ts';

/**
 * What stands in the repository. It never tells of processes in a worktree: that what a worker needs stays must not rest on that look.
 * Nobody touches the main checkout.
 */
export function housekeepingPort({ repository }: Stage, life: Life): Housekeeping {
  return {
    look: () =>
      life.call('housekeeping.look', () => ({
        trees: [...repository.trees.keys()].map((task) => ({ task, path: `/repository/trees/${task}`, locked: null, users: [] })),
        logs: [],
        runFolders: [],
        homes: [],
        saved: [],
      })),
    mainChanges: () => life.call('housekeeping.mainChanges', () => []),
    mainUnchangedSince: () => life.call('housekeeping.mainUnchangedSince', () => []),
    usersOf: () => life.call('housekeeping.usersOf', () => []),
    sizeOf: () => life.call('housekeeping.sizeOf', () => 0),
    removeLog: () => life.call('housekeeping.removeLog', () => undefined),
    removeRunFolder: () => life.call('housekeeping.removeRunFolder', () => undefined),
    removeHome: () => life.call('housekeeping.removeHome', () => undefined),
    dropSaved: () => life.call('housekeeping.dropSaved', () => 0),
  };
}
