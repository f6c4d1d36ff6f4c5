import type { Run } from '../model/run.ts';
import { transitionRun } from '../model/run-transition.ts';
import type { Ms } from '../model/seen.ts';
import { stateWords, type Task } from '../model/task.ts';
import { transitionTask } from '../model/task-transition.ts';

/** A person has seen what a push is held for, and lets that commit go. A sentence: why there is nothing to let go. */
export function approveHeld(task: Task, run: Run | null, now: Ms): { readonly task: Task; readonly run: Run } | string {
  const nothing = `${task.id} is ${stateWords(task.state)}: nothing of it waits for an approval`;
  if (task.state !== 'blocked' || run === null || run.settlement.held === undefined) return nothing;
  const nextTask = transitionTask(task, { kind: 'delivering', run: run.id, at: now });
  const nextRun = transitionRun(run, { kind: 'approved' });
  return nextTask === null || nextRun === null ? nothing : { task: nextTask, run: nextRun };
}
