import type { Household } from '../../../core/model/household.ts';
import type { Ms } from '../../../core/model/seen.ts';
import type { RunId, TaskId } from '../../../core/model/task.ts';

/** What tac8 leaves on the disk and in git, and how it goes. Worktrees are saved and removed through Workspaces. */
export interface Housekeeping {
  /** All of it: complete, or it throws. Slow; asked every few minutes. */
  look(): Promise<Household>;
  /** Paths that git shows as changed or new in the main checkout, our own files aside. */
  mainChanges(): Promise<readonly string[]>;
  /** Those of the paths that were as they are at that time already. */
  mainUnchangedSince(paths: readonly string[], at: Ms): Promise<readonly string[]>;
  /** Live processes whose working directory is in there. */
  usersOf(path: string): Promise<readonly number[]>;
  /** How much disk a task uses: its worktree, its home, its folder of git. */
  sizeOf(task: TaskId): Promise<number>;
  /** Each removes files alone; what is not there is removed. */
  removeLog(task: TaskId, run: RunId): Promise<void>;
  removeRunFolder(run: RunId): Promise<void>;
  removeHome(task: TaskId): Promise<void>;
  /** Lets snapshots go that are older than so many ms, never the last one of a task. Answers how many. */
  dropSaved(keepFor: Ms, now: Ms): Promise<number>;
}
