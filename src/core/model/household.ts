import type { Run } from './run.ts';
import type { Ms, Seen } from './seen.ts';
import type { RunId, Task, TaskId } from './task.ts';

/** What tac8 has made and could take away one day, as it stands on the disk and in git. */
export interface Household {
  readonly trees: readonly TreeStanding[];
  readonly logs: readonly LogStanding[];
  readonly runFolders: readonly { readonly run: RunId; readonly modifiedAt: Ms }[];
  readonly homes: readonly { readonly task: TaskId; readonly modifiedAt: Ms }[];
  readonly saved: readonly SavedStanding[];
}

/** What stands in a run's worktree, looked at with each snapshot. */
export interface Standing {
  /** Since when it is as it is, and when that was seen last. */
  readonly since: Ms;
  readonly seenAt: Ms;
}

/** How much disk a run's task uses. */
export interface Measured {
  readonly bytes: number;
  /** When the look at it was begun, and how long it took. */
  readonly at: Ms;
  readonly took: Ms;
}

/** What stands in the folder of worktrees under the name of a task. */
export interface TreeStanding {
  readonly task: TaskId;
  readonly path: string;
  /** A person's `git worktree lock`, with its reason. */
  readonly locked: string | null;
  /** Live processes that have their working directory in it. */
  readonly users: readonly number[];
}

/** The log of one run, with what goes with it. */
export interface LogStanding {
  readonly task: TaskId;
  readonly run: RunId;
  readonly bytes: number;
  readonly modifiedAt: Ms;
}

export interface SavedStanding {
  readonly task: string;
  readonly ref: string;
  readonly at: Ms;
}

/** Whose it is. Null: the store knows none of that name; absent: nobody asked. */
export interface Owners {
  readonly tasks: ReadonlyMap<TaskId, Task | null>;
  readonly runs: ReadonlyMap<RunId, Run | null>;
}

/** Something that is done beside the runs: no run waits for it, and no stop does. */
export type Chore =
  | { readonly kind: 'snapshot'; readonly task: TaskId; readonly run: RunId; readonly why: string }
  | { readonly kind: 'measure'; readonly task: TaskId; readonly run: RunId; readonly why: string }
  | Removal;

/** A worktree is saved before it is removed; a snapshot is let go only by its age, and never the last one of a task. */
export type Removal =
  | { readonly kind: 'remove-tree'; readonly task: TaskId; readonly path: string; readonly why: string }
  | { readonly kind: 'remove-log'; readonly task: TaskId; readonly run: RunId; readonly bytes: number; readonly why: string }
  | { readonly kind: 'remove-run-folder'; readonly task: TaskId; readonly run: RunId; readonly why: string }
  | { readonly kind: 'remove-home'; readonly task: TaskId; readonly why: string }
  | { readonly kind: 'drop-saved'; readonly refs: readonly string[]; readonly why: string };

/** Two chores of one name are the same. */
export function nameOf(chore: Chore): string {
  switch (chore.kind) {
    case 'snapshot':
    case 'measure':
    case 'remove-log':
      return `${chore.kind} ${chore.task} ${chore.run}`;
    case 'remove-run-folder':
      return `${chore.kind} ${chore.run}`;
    case 'remove-tree':
    case 'remove-home':
      return `${chore.kind} ${chore.task}`;
    case 'drop-saved':
      return chore.kind;
  }
}

/** What git shows as changed or new in the main checkout, our own files aside. */
export interface MainLook {
  readonly paths: readonly string[];
  /** A worker lived at some time between the look before and this one. */
  readonly worked: boolean;
  /** Those that were there before the first of these workers began. */
  readonly before: readonly string[];
}

/** What was there at the last look, and what came while workers ran. Stored under the fact `main-checkout`. */
export interface MainKept {
  readonly paths: readonly string[];
  readonly alarms: readonly { readonly path: string; readonly at: Ms }[];
}

/** What a tick knows of all this. */
export interface Upkeep {
  /** When this daemon last began a snapshot of a run. */
  readonly snapshots: ReadonlyMap<RunId, Ms>;
  /** Since when each run's worktree stands as it is. */
  readonly standing: ReadonlyMap<RunId, Standing>;
  /** How much disk each run's task uses, where that is limited. */
  readonly measured: ReadonlyMap<RunId, Measured>;
  readonly household: Seen<Household>;
  readonly owners: Owners;
  readonly worktreeErrors: number;
  /** When this daemon first saw that they are too many; null: they are not. */
  readonly tooManySince: Ms | null;
  /** Chores under way. */
  readonly busy: ReadonlySet<string>;
  /** Chores that did not work, by name, and when they may be tried again. */
  readonly refused: ReadonlyMap<string, { readonly message: string; readonly until: Ms }>;
  readonly main: Seen<MainLook>;
  readonly mainKept: MainKept | null;
}
