import type { Priority, RunId, TaskId } from '../../model/task.ts';

export type Section = 'pending' | 'active' | 'completed' | 'failed' | 'blocked';

/** What the daemon wants `tasks.md` to show; everything else in the file belongs to people. */
export interface BoardView {
  /** Local time, `2026-11-22 14:03:11`. */
  readonly updatedAt: string;
  readonly maxActive: number;
  /** In the order in which each section shows them. */
  readonly lines: readonly BoardLine[];
}

export interface BoardLine {
  readonly id: TaskId;
  readonly section: Section;
  readonly title: string;
  readonly priority: Priority;
  /** Active, Completed, Failed, Blocked: the run on the line. */
  readonly run: RunId | null;
  /** Active: the worktree's path from the repository's root, `trees/gh-450`. */
  readonly tree: string | null;
  /** Completed: the abbreviated commit. */
  readonly commit: string | null;
  /** `- Key: value` lines below the task line, in order: Started, Machine, PID, PR, Completed, Reason, Question, Note. */
  readonly details: readonly { readonly key: string; readonly value: string }[];
}

/** What a person's edit asks for. The merge keeps their bytes; the core decides what an intent does. */
export type BoardIntent =
  /** `number` when the line names an issue (`gh-12`); `key` finds the line again, to write the id in. */
  | {
      readonly kind: 'add';
      readonly key: string;
      readonly number: number | null;
      /** A local id that stands on the line already: a task that was taken out and put back, or that a lost database knew. */
      readonly task?: TaskId;
      readonly title: string;
      readonly priority: Priority;
      readonly line: number;
    }
  | { readonly kind: 'cancel'; readonly task: TaskId; readonly reason: string | null; readonly line: number }
  | { readonly kind: 'retry'; readonly task: TaskId; readonly line: number }
  | { readonly kind: 'priority'; readonly task: TaskId; readonly priority: Priority; readonly line: number }
  | { readonly kind: 'retitle'; readonly task: TaskId; readonly title: string; readonly line: number }
  | { readonly kind: 'remove'; readonly task: TaskId }
  /** The pending tasks in the order in which the person wants them. */
  | { readonly kind: 'order'; readonly tasks: readonly TaskId[] };

/** A line nobody can read, or an edit that is held: shown to people, with its number. */
export interface BoardProblem {
  /** From 1; 0 for the file as a whole. */
  readonly line: number;
  readonly message: string;
  readonly hint: string;
}
