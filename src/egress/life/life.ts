import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** So long after its socket a run's folder is there, or never will be. */
const FOLDER_LIMIT = 10 * 60_000;

/** Those of the runs and jobs that have written down how they ended, or whose folder is gone: it is made after the socket, which `known` dates. */
export const endedOf = (runsDir: string, known: string, runs: readonly string[]): readonly string[] =>
  runs.filter((run) => {
    const folder = [join(runsDir, run), join(runsDir, 'jobs', run)].find((path) => existsSync(path));
    return folder === undefined ? isOld(join(known, run)) : existsSync(join(folder, 'exit'));
  });

function isOld(path: string): boolean {
  const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return made === undefined || Math.abs(Date.now() - made) > FOLDER_LIMIT;
}

/** In ms. */
export interface Times {
  /** Without a worker for so long it goes: whoever opens the next socket starts another one. */
  readonly unused: number;
  /** How often it looks whether its workers have ended. */
  readonly look: number;
  /** So long without a word of a daemon it goes, whatever still runs: a daemon that comes back starts another one. */
  readonly alone: number;
}

const HOUR = 3_600_000;
export const TIMES: Times = { unused: 60_000, look: 15_000, alone: 12 * HOUR };
