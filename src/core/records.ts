import type { Run } from './run.ts';
import type { Ms } from './seen.ts';
import type { RunId, Task, TaskId } from './task.ts';

export interface Counters {
  readonly workers_launched: number;
  readonly workers_completed: number;
  readonly workers_failed: number;
  readonly worktree_errors: number;
  readonly prs_created: number;
}

/** A verb that a person gave on the command line, kept until it is answered. */
export interface Request {
  readonly id: number;
  readonly at: Ms;
  readonly verb: string;
  readonly task: TaskId | null;
  readonly args: Readonly<Record<string, unknown>>;
}

/** One line of the history: what happened to which task, and why. */
export interface HistoryEntry {
  readonly at: Ms;
  readonly task: TaskId | null;
  readonly run: RunId | null;
  readonly event: string;
  readonly detail: string;
}

/** Everything that one tick writes, all or nothing. */
export interface Commit {
  /** `expected` is the version that was read; null inserts. A mismatch throws ConflictError and nothing is written. */
  readonly tasks?: readonly { readonly next: Task; readonly expected: number | null }[];
  readonly runs?: readonly { readonly next: Run; readonly expected: number | null }[];
  readonly history?: readonly HistoryEntry[];
  /** Added to the durable counters. */
  readonly counters?: Partial<Counters>;
  readonly resetCounters?: readonly (keyof Counters)[];
  /** Small named facts: the board's base, the fleet's pause and parking, the next local number. */
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly answers?: readonly { readonly id: number; readonly at: Ms; readonly ok: boolean; readonly message: string }[];
}
