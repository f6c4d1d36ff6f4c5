import type { Run } from '../../../core/model/run.ts';
import type { Ms } from '../../../core/model/seen.ts';
import type { TaskId } from '../../../core/model/task.ts';

/** Told what happens to runs, in the run's own log (`{"type":"tac8",…}` and `{"type":"error",…}` lines). */
export interface RunLog {
  append(run: Run, record: Readonly<Record<string, unknown>>): Promise<void>;
  /** The same for what happened at that time, once: where this very line stands at the log's end already, nothing is written. */
  appendOnce(run: Run, record: Readonly<Record<string, unknown>>, at: Ms): Promise<void>;
  /** Makes the log of the task that several attempts are for lead to this run's, which is one of theirs. */
  name(task: TaskId, run: Pick<Run, 'id' | 'task'>): Promise<void>;
}
