import type { Held, Overtaken } from '../../../core/model/failure.ts';
import type { Inspection } from '../../../core/model/run.ts';
import type { RunId, Task, TaskId } from '../../../core/model/task.ts';
import type { Signs } from '../../../core/tick/world.ts';

export type { Signs } from '../../../core/tick/world.ts';

export interface Snapshot {
  readonly ref: string | null;
  readonly commit: string | null;
  /** The same text: the same content. */
  readonly print?: string;
  /** What could not be read and is not in it, in words; null, or none: it is whole. */
  readonly incomplete?: string | null;
}

export interface Pushed {
  readonly commit: string;
  /** Null: there is none, or nothing was pushed. */
  readonly remote: string | null;
  /** What the guard holds; none: nothing, and it is pushed. */
  readonly held?: Held;
  /** Commits of somebody else on the branch, which a push would take away; none: there are none, and it is pushed. */
  readonly overtaken?: Overtaken;
}

/** What is looked at in what a push would bring. */
export interface PushGuard {
  /** Of changed paths those that a person has to see first. */
  readonly guarded: (paths: readonly string[]) => readonly string[];
  /** The commit that a person let go; null: none. */
  readonly approved: string | null;
}

/** The worktrees of the repository: made, looked at, saved, pushed, removed. */
export interface Workspaces {
  /** Finds the repository, makes git ignore what is ours, ends what a killed daemon left running. Throws a terminal PortError where there is none. */
  prepareRepository(): Promise<void>;
  /** Fetches the base ahead of time, so that `ensure` need not. Answers what went wrong, in a sentence, or null. */
  refresh(signal?: AbortSignal): Promise<string | null>;
  /** Makes or reuses `trees/<task>` on the task's branch; see the adapter for every starting position. Runs include and setup on creation. */
  ensure(task: Task, signal: AbortSignal): Promise<{ readonly path: string; readonly baseCommit: string; readonly created: boolean }>;
  /** Where the task's worktree is, or would be: an absolute path. */
  pathOf(task: TaskId): string;
  /** The task's branch as it is there (null: none), and the commit of the base branch that it goes back to. Throws where git cannot tell. */
  originOf(task: TaskId): Promise<{ readonly baseCommit: string; readonly branch: string | null }>;
  /** The repository's own form of a pull, as the base has it; null: there is none that can be read. */
  pullTemplate(): Promise<string | null>;
  /** The branch, the tree and BLOCKED.md, after a run. `baseCommit`: what the run started from. */
  inspect(task: Task, baseCommit: string): Promise<Inspection>;
  /** Snapshot of all that git would lose, to `refs/tac8/saved/<task>/<run>/<n>`; null ref where there is nothing that a branch does not hold. */
  save(task: Task, run: RunId | null, reason: string): Promise<Snapshot>;
  /**
   * After a run's end: no lock of the dead, nothing half done, HEAD on the task's branch, and commits that were made beside it brought over
   * where that is plain. Says what was done.
   */
  mendAfterKill(task: Task, run: RunId): Promise<{ readonly done: readonly string[] }>;
  /** Everything in the worktree as one commit on the task's branch; null: there is nothing to commit. */
  commitWip(task: Task, message: string): Promise<string | null>;
  /**
   * Pushes the task's branch, unless the guard holds it; without a remote only says where it stands. `mine`: the head that was pushed last, in
   * place of which a history may come that the agent wrote anew; commits of anybody else stay. Left out: nothing is ever replaced.
   */
  push(task: Task, signal: AbortSignal, guard?: PushGuard, mine?: string | null): Promise<Pushed>;
  /** Removes the worktree (never the branch) after a save; refuses without one. */
  remove(task: Task, run: RunId | null): Promise<void>;
  /** STOP and BLOCKED.md, cheap enough for every tick. Null: no such file. */
  signs(task: TaskId): Promise<Signs>;
  /** Moves STOP and BLOCKED.md, where they are, into the run's folder, so that the next run does not meet them. */
  consumeSigns(task: TaskId, run: RunId): Promise<void>;
}

/** Folders of this machine that nobody at the forge needs to know: the task's worktree, and the repository. `trees`: where worktrees are, from its root. */
export function placesOf({ pathOf }: Pick<Workspaces, 'pathOf'>, trees: string, task: TaskId): readonly string[] {
  const tree = pathOf(task);
  const below = `/${trees}/${task}`;
  return tree.endsWith(below) ? [tree, tree.slice(0, -below.length)] : [tree];
}
