import type { Counters } from '../../core/model/records.ts';
import type { Ms } from '../../core/model/seen.ts';
import { isDone, type Task, type TaskCounts } from '../../core/model/task.ts';
import { PortError } from '../../engine/ports/error.ts';

export const COUNTER_NAMES = [
  'workers_launched',
  'workers_completed',
  'workers_failed',
  'worktree_errors',
  'prs_created',
] as const satisfies readonly (keyof Counters)[];

/** When a task's work was done or failed; null for one that is open. */
export const endedAt = (task: Task): Ms | null => (isDone(task) || task.state === 'failed' ? task.at : null);

/** What is counted of an empty store. */
export const NO_TASKS: TaskCounts = { pending: 0, active: 0, completed: 0, failed: 0, blocked: 0 };

/**
 * The document as it is kept. The store counts the version up itself, so that a caller that forgot cannot make two
 * different states bear one version.
 */
export const stored = <T extends { readonly version: number }>(next: T, expected: number | null): T =>
  expected === null ? next : { ...next, version: expected + 1 };

export const noSuchTask = (run: string, task: string): PortError =>
  new PortError('terminal', `run ${run} belongs to task ${task}, which is not stored`, {
    hint: 'This is a fault in tac8: please report it with this message. Nothing was written.',
  });

export function conflictText(kind: 'task' | 'run', id: string, expected: number | null, found: number | null): string {
  const wanted = expected === null ? 'to be new' : `at version ${expected}`;
  return `${kind} ${id} was expected ${wanted}, but ${found === null ? 'it is not there' : `it is at version ${found}`}`;
}
