import type { Issue } from '../../../core/model/forge.ts';
import type { Run } from '../../../core/model/run.ts';
import type { Task } from '../../../core/model/task.ts';

/** What an action is done to: plain data, all that the place where it is done needs to know. */
export interface Subject {
  readonly run: Run;
  readonly task: Task;
  /** For a launch; null where the task has no issue. */
  readonly issue: ApprovedIssue | null;
}

/** An issue in the words that its label was put on. */
export interface ApprovedIssue {
  readonly issue: Issue;
  /** It reads otherwise by now. */
  readonly isEdited: boolean;
}
