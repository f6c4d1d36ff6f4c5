import type { Run } from '../../core/model/run.ts';
import type { RunId, Task, TaskId } from '../../core/model/task.ts';

/** What a coordinator asks of a runner. All of it is plain data. `action` and `subject`: as the engine has them. */
export type Ask =
  | { readonly kind: 'perform'; readonly action: object; readonly subject: object; readonly begin: Begin | null }
  | { readonly kind: 'look'; readonly runs: readonly Run[]; readonly logs: Readonly<Record<RunId, number>> }
  /** The tips of the branches that the runner has. */
  | { readonly kind: 'tips' }
  /** Its work on a task, as a parcel. */
  | { readonly kind: 'work'; readonly task: Task; readonly have: readonly string[] }
  /** A snapshot of a task that is worked on, and its branch as it is, as a parcel. */
  | { readonly kind: 'snapshot'; readonly task: Task; readonly run: RunId; readonly have: readonly string[] }
  /** Where the runner's folder is. */
  | { readonly kind: 'where' }
  | AttachAsk
  /** The log of a run from this byte on. */
  | { readonly kind: 'log'; readonly run: Pick<Run, 'id' | 'task'>; readonly from: number };

/** A person takes a conversation over. Not the runner answers this, but the person's own `tac8 runner --attach`, when they have left the conversation. */
export interface AttachAsk {
  readonly kind: typeof ATTACH_ASK;
  readonly task: TaskId;
  readonly run: Run;
  readonly session: string;
  readonly base: string | null;
}
export const ATTACH_ASK = 'attach';

/** What a task begins with: the parcel of its commits, and the name of the base branch. */
export interface Begin {
  readonly parcel: string;
  readonly base: string;
  /** Saved work of the task, to be put back where its worktree is made anew; null: there is none. Left out by the version before. */
  readonly saved?: string | null;
}

/** Of a run's log: base64, and whether that is all there is so far. */
export interface LogPiece {
  readonly from: number;
  readonly bytes: string;
  readonly isAll: boolean;
  /** Of the whole log, with its last piece: SHA-256. Left out by the version before, and while the run goes on. */
  readonly sum?: string;
}

/** Most bytes of one log in one answer. */
export const LOG_PIECE = 512 * 1024;

/** Maps go as lists of pairs. */
export function plain(value: object): object {
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, one instanceof Map ? [...one] : one]));
}
