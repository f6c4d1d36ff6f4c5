import type { TaskId } from '../../../core/model/task.ts';

/** One ref to be changed at the remote, and only where it still is what it is thought to be. */
export interface ClaimChange {
  readonly task: TaskId;
  /** The object that stands there; null: none. */
  readonly from: string | null;
  /** Put it there, or take it away. */
  readonly to: 'claim' | 'nothing';
}

/** `other`: something else stands there. */
export type ClaimPushed = 'done' | 'other' | { readonly refused: string };

/** The refs by which daemons tell each other who works on which issue. */
export interface Claims {
  /** This clone, the same for every daemon of it; and this machine's name, for people. */
  whoami(): Promise<{ readonly owner: string; readonly machine: string }>;
  /** All changes in one push, each for itself. `text`: what those that are put there say. `id`: the object of them. */
  push(
    changes: readonly ClaimChange[],
    text: string,
    signal: AbortSignal,
  ): Promise<{ readonly id: string; readonly of: ReadonlyMap<TaskId, ClaimPushed> }>;
  /** What stands there now of these. */
  read(tasks: readonly TaskId[], signal: AbortSignal): Promise<ReadonlyMap<TaskId, { readonly id: string; readonly text: string }>>;
}
