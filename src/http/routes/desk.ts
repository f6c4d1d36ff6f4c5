import type { Why } from '../../api/why.ts';
import type { Diff, SavedWork } from '../../api/work.ts';
import type { Ms } from '../../core/model/seen.ts';
import type { TaskId } from '../../core/model/task.ts';
import type { Store } from '../../engine/ports/records/store.ts';
import type { LockHolder } from '../../read/open.ts';

/** What the API stands on: the daemon that it is in. */
export interface Desk {
  readonly root: string;
  readonly logs: string;
  readonly version: string;
  readonly store: Store;
  readonly now: () => Ms;
  /** This daemon, as its lock would have it. */
  readonly holder: LockHolder;
  /** Writes down for the loop what a person wants, and who that is; answers the number of the request. */
  readonly hear: (
    said: { readonly verb: string; readonly task: TaskId | null; readonly args: Readonly<Record<string, unknown>> },
    by: string,
  ) => number;
  /** Null: there is no work of this task. `file`: of this one alone. */
  readonly diff: (task: TaskId, file: string | null) => Promise<Diff | null>;
  /** Null: nobody knows such a task. */
  readonly why: (task: TaskId) => Promise<Why | null>;
  readonly saved: (task: TaskId) => Promise<SavedWork>;
}
