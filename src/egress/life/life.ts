import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readPlainSync } from '../../files/open-plain.ts';

/** So long after its socket a run's folder is there, or never will be. */
const FOLDER_LIMIT = 10 * 60_000;
/** So long after it a shell that was told to begin the run has written that down, whoever ended the one that told it. */
const BEGIN_LIMIT = 10_000;

/** Those of the runs and jobs that have written down how they ended, and those that nobody will begin any more. */
export const endedOf = (runsDir: string, known: string, runs: readonly string[]): readonly string[] =>
  runs.filter((run) => {
    const [folder, own] = [[join(runsDir, run), join(runsDir, 'jobs', run)].find((path) => existsSync(path)), join(known, run)];
    if (folder === undefined) return hasNoOpener(own) || isOlder(own, FOLDER_LIMIT);
    if (existsSync(join(folder, 'exit'))) return true;
    return !existsSync(join(folder, 'launched')) && hasNoOpener(own) && isOlder(own, BEGIN_LIMIT);
  });

/** A run's folder is made after its socket, which `known` dates. */
function isOlder(path: string, limit: number): boolean {
  const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return made === undefined || Math.abs(Date.now() - made) > limit;
}

const OPENER = /^@(\d+) (\d+)$/m;
const MOST = 64 * 1024;

/** This process, for the file in `known` of a socket that it opens: killed before the run has begun, it leaves nobody who would begin it. */
export const openerLine = (): string => `@${process.pid} ${startOf(process.pid) ?? 0}`;

export const isOpenerLine = (line: string): boolean => OPENER.test(line);

/** A version before this one did not write it down: nothing is known then. */
function hasNoOpener(path: string): boolean {
  const [, pid, start] = OPENER.exec(textOf(path)) ?? [];
  if (pid === undefined) return false;
  try {
    return startOf(Number(pid)) !== Number(start);
  } catch {
    return false; // what cannot be read at the moment says nothing
  }
}

/** When the process began, in ticks since boot; null: there is none, or it has ended and its parent has yet to hear of that. */
function startOf(pid: number): number | null {
  if (!existsSync(`/proc/${pid}`)) return null;
  const [state = '', ...rest] = readPlainSync(`/proc/${pid}/stat`, MOST).split(') ').at(-1)?.split(' ') ?? [];
  return 'ZXx'.includes(state) ? null : Number(rest[18]);
}

function textOf(path: string): string {
  try {
    return readPlainSync(path, MOST);
  } catch {
    return '';
  }
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
