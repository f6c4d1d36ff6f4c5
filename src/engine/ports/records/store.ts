import type { Commit, Counters, EndedTasks, Ending, HistoryEntry, Request } from '../../../core/model/records.ts';
import type { Run } from '../../../core/model/run.ts';
import type { Ms } from '../../../core/model/seen.ts';
import type { RunId, Task, TaskCounts, TaskId } from '../../../core/model/task.ts';
import type { FactOf, Misfit } from './facts.ts';

export class ConflictError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConflictError';
  }
}

export interface Store {
  task(id: TaskId): Task | null;
  tasks(ids: readonly TaskId[]): readonly Task[];
  /** Pending, active and blocked ones. */
  openTasks(): readonly Task[];
  /** Completed (in review: their pull is open) or failed since then, newest first. */
  endedTasks(filter: { readonly state: 'completed' | 'review' | 'failed'; readonly since: Ms; readonly limit: number }): readonly Task[];
  /** Those that came to an end since then, counted by what it was. */
  countEnded(since: Ms): readonly EndedTasks[];
  countTasks(): TaskCounts;
  run(id: RunId): Run | null;
  /** All that are not settled. */
  openRuns(): readonly Run[];
  /** Oldest first. */
  runsOf(task: TaskId): readonly Run[];
  /** Hands out what each run that ended since then (and before `until`) came to, one by one, in no order: there may be very many. */
  endings(since: Ms, take: (ending: Ending) => void, until?: Ms): void;
  history(filter: { readonly task?: TaskId; readonly limit: number }): readonly HistoryEntry[];
  counters(): Counters;
  /** One whose shape does not fit is as if it were absent. */
  fact<K extends string>(name: K): FactOf<K>;
  /** Durable when it returns. */
  commit(commit: Commit): void;
  /** From any process; the daemon answers. */
  ask(request: {
    readonly verb: string;
    readonly task: TaskId | null;
    readonly args: Readonly<Record<string, unknown>>;
    readonly at: Ms;
  }): number;
  /** Takes out answered requests and history entries that are older; a few thousand at a time. Answers how many went. */
  prune(before: { readonly answered: Ms; readonly history: Ms }): number;
  requests(): readonly Request[];
  /** All that is stored and does not have its shape. Reads everything: for who looks for faults. */
  misfits(): readonly Misfit[];
  answer(id: number): { readonly ok: boolean; readonly message: string } | null;
  /** Another number than before whenever anything was written since, by whomever. */
  changes(): number;
  close(): void;
}
