import type { Draft } from './draft.ts';
import type { StopCause } from './run.ts';
import type { Ms } from './seen.ts';
import type { Resume, TaskId } from './task.ts';
import type { World } from './world.ts';

/** The reason of a task that a person took out of the queue; it is not shown on the board. */
export const REMOVED = 'removed from tasks.md';

/** One code path for every way to cancel: board, label, command. Answers whether anything is to be ended or was taken out. */
export function cancelTask(draft: Draft, id: TaskId, by: string, reason: string, now: Ms): boolean {
  const task = draft.tasks.get(id);
  if (task === undefined) return false;
  draft.stopped.add(id);
  if (task.state === 'active') return endRun(draft, id, { type: 'cancelled', by, reason, at: now });
  const failure = { type: 'cancelled', message: reason, by, at: now } as const;
  return draft.task(id, { kind: 'failed', run: task.state === 'blocked' ? task.run : null, at: now, failure, burned: false }, reason);
}

/** Ends the task's run for a cause; answers false when nothing runs. */
export function endRun(draft: Draft, id: TaskId, cause: StopCause): boolean {
  const task = draft.tasks.get(id);
  if (task?.state !== 'active') return false;
  draft.stopped.add(id);
  return draft.run(task.run, { kind: 'stop', cause }, `${cause.by}: ${cause.reason}`);
}

export interface Retry {
  readonly why: string;
  /** In the conversation of its last run, where there is one, told this first. */
  readonly goOn?: string;
  /** The issue bears the label by a complete list: taking it off cancels again. Otherwise the person's word alone keeps it. */
  readonly isLabelled: boolean;
}

/** Arms a failed, blocked or completed task again; one code path for board and command. */
export function retryTask(draft: Draft, id: TaskId, { why, goOn, isLabelled }: Retry): boolean {
  const task = draft.tasks.get(id);
  if (task === undefined || draft.stopped.has(id)) return false;
  const resume = goOn !== undefined && 'run' in task && task.run !== null ? resumeOf(draft, task.run, goOn) : null;
  return draft.task(id, { kind: 'rearmed', resume, armedBy: isLabelled ? 'label' : 'person' }, why);
}

export const isLabelled = (world: World, id: TaskId): boolean =>
  world.issues.known && world.issues.value.some((issue) => `gh-${issue.number}` === id);

function resumeOf(draft: Draft, run: `w-${string}`, message: string): Resume | null {
  const last = draft.runs.get(run);
  return last === undefined ? null : { run, session: last.stream.session ?? last.session, message, because: null };
}
