import type { Counters } from '../../../core/model/records.ts';
import type { Ms } from '../../../core/model/seen.ts';
import type { RunId, Task } from '../../../core/model/task.ts';
import type { Machine } from '../../../core/tick/world.ts';

/** What else the engine needs to know of the machine. */
export interface Surroundings {
  machine(): Promise<Machine>;
  /** New names for a run and its conversation, at random. */
  names(): { readonly run: RunId; readonly session: string };
  /** Runs `pulls.verify` in the worktree. */
  verify(task: Task, signal: AbortSignal): Promise<{ readonly ok: boolean; readonly output: string }>;
  /** Writes `adws/metrics.json`. */
  publishMetrics(counters: Counters, now: Ms): Promise<void>;
}
