import type { Run } from '../../core/run.ts';
import type { Task } from '../../core/task.ts';

/** What an action is done to. */
export interface Subject {
  readonly run: Run;
  readonly task: Task;
}
