import type { Draft } from './draft.ts';
import type { StopCause } from './run.ts';
import type { Ms } from './seen.ts';
import type { Resume, TaskId } from './task.ts';

/** The reason of a task that a person took out of the queue; it is not shown on the board. */
export const REMOVED = 'removed from tasks.md';

/** One code path for every way to cancel: board, label, command. Answers whether anything is to be ended or was taken out. */
export function cancelTask(draft: Draft, id: TaskId, by: string, reason: string, now: Ms): boolean {
  const task = draft.tasks.get(id);
  if (task === undefined) return false;
  if (task.state === 'active') return endRun(draft, id, { type: 'cancelled', by, reason, at: now });
  const failure = { type: 'cancelled', message: reason, by, at: now } as const;
  return draft.task(id, { kind: 'failed', run: task.state === 'blocked' ? task.run : null, at: now, failure, burned: false }, reason);
}

/** Ends the task's run for a cause; answers false when nothing runs. */
export function endRun(draft: Draft, id: TaskId, cause: StopCause): boolean {
  const task = draft.tasks.get(id);
  if (task?.state !== 'active') return false;
  return draft.run(task.run, { kind: 'stop', cause }, `${cause.by}: ${cause.reason}`);
}

/** Arms a failed, blocked or completed task again; `same`: in the conversation of its last run, where there is one. */
export function retryTask(draft: Draft, id: TaskId, same: boolean, why: string, message = 'Go on where you stopped.'): boolean {
  const task = draft.tasks.get(id);
  if (task === undefined) return false;
  const resume = same && 'run' in task && task.run !== null ? resumeOf(draft, task.run, message) : null;
  return draft.task(id, { kind: 'rearmed', resume, armedBy: task.armedBy }, why);
}

function resumeOf(draft: Draft, run: `w-${string}`, message: string): Resume | null {
  const last = draft.runs.get(run);
  return last === undefined ? null : { run, session: last.stream.session ?? last.session, message, because: null };
}
