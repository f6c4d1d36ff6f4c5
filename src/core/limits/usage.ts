import type { Ms } from '../model/seen.ts';
import type { RunId } from '../model/task.ts';
import type { Machine } from '../tick/world.ts';

/** What a worker's process tree uses. */
export interface Usage {
  readonly processes: number;
  /** Anonymous memory of all processes, and the file pages of the one that has most of them. */
  readonly memoryBytes: number;
  /** Processor time so far. */
  readonly cpuSeconds: number;
}

/** One look at the machine and the workers; the newest is stored under the fact `usage`. */
export interface UsageFact {
  readonly at: Ms;
  /** Null: it could not be read. */
  readonly machine: Machine | null;
  readonly workers: Readonly<Record<RunId, Usage>>;
}

export const USAGE_FACT = 'usage';
