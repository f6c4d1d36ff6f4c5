import type { Board, BoardBody, BoardDraft, BoardEdit } from '../../api/desk/board.ts';
import type { Plan } from '../../api/desk/plan.ts';
import type { Repositories } from '../../api/desk/repositories.ts';
import type { Setup } from '../../api/desk/setup.ts';
import type { Why } from '../../api/why.ts';
import type { Diff, SavedWork } from '../../api/work.ts';
import type { Ms } from '../../core/model/seen.ts';
import type { TaskId } from '../../core/model/task.ts';
import type { Store } from '../../engine/ports/records/store.ts';
import type { LockHolder } from '../../read/open.ts';
import type { Inside } from '../preview/previews.ts';

/** What came of something, in a sentence. */
export interface Said {
  readonly ok: boolean;
  readonly message: string;
  /** Whoever asked may not. */
  readonly forbidden?: true;
}

/** The ends of a connection, as the server sees them. */
export interface Connection {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localPort?: number | undefined;
}

/** `tasks.md`: read, drafted, saved. */
export interface BoardDesk {
  read(): Promise<Board>;
  draft(edit: BoardEdit): Promise<BoardDraft>;
  /** Says what came of it; not ok: why nothing was written. */
  save(edit: BoardBody): Promise<Said>;
}

/** What of a task's changes is asked for. */
export interface DiffAsked {
  /** Null: all of them. */
  readonly file: string | null;
  /** With the patch, not the files alone. */
  readonly isWhole: boolean;
}

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
  readonly diff: (task: TaskId, asked: DiffAsked) => Promise<Diff | null>;
  /** Null: nobody knows such a task. */
  readonly why: (task: TaskId) => Promise<Why | null>;
  readonly board: BoardDesk;
  readonly plan: () => Promise<Plan>;
  readonly setup: () => Promise<Setup>;
  /** Puts saved work back; null: the newest. Says what came of it. */
  readonly restore: (task: TaskId, ref: string | null) => Promise<Said>;
  /** The user whose program is at the other end of a connection; null: it cannot be told, as from another machine. */
  readonly userOf: (by: Connection) => number | null;
  /** Why whoever is at the other end may change nothing: it is a worker. Null: it is none, as far as can be told. */
  readonly workerOf: (by: Connection) => Promise<string | null>;
  /** Lets a held push go, where a person's program is at the other end of the connection. */
  readonly approve: (task: TaskId, by: Connection) => Promise<Said>;
  /** What else is served on this machine. `linkInto` null: nothing at that path. */
  readonly repositories: { readonly all: () => Promise<Repositories>; readonly linkInto: (root: string) => Promise<string | null> };
  /** The way to servers that workers have started. */
  readonly inside: Inside;
  readonly saved: (task: TaskId) => Promise<SavedWork>;
}
