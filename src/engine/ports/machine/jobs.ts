import type { TaskId } from '../../../core/model/task.ts';

export type JobPart = 'setup' | 'verify';

/** A program that is run for a task beside its agent: the setup of its worktree, the checks of its work. */
export interface Job {
  readonly part: JobPart;
  readonly task: TaskId;
  readonly argv: readonly [string, ...string[]];
  /** The whole environment but for the marker. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Everything that it says; absolute, written anew. */
  readonly log: string;
  readonly timeoutMs: number;
}

/** `lost`: it is gone, and nobody wrote down how it ended. */
export type JobEnd = { readonly kind: 'exit'; readonly code: number } | { readonly kind: 'late' | 'flood' | 'given up' | 'lost' };

/** What is held together like a worker: nothing of a job outlives it, and whoever it leaves behind is not waited for. */
export interface Jobs {
  /** Runs it to its end, or ends it: with its time limit, with too much output, or when it is given up. */
  run(job: Job, signal: AbortSignal): Promise<JobEnd>;
  /** Ends what an earlier daemon left running. Answers how many. */
  endLeft(): Promise<number>;
}
