import type { Run } from '../../core/run.ts';
import type { RunId, Task } from '../../core/task.ts';
import type { Agents, Workspaces } from '../ports.ts';

/** What an agent may be able to do besides; one that cannot lacks the function. */
export interface Reins {
  /** From now on the agent begins no further tool in this run; the one in hand may end. Remembered in the run's folder. */
  forbidTools(run: Run): Promise<void>;
  /** The line for the agent's stdin that tells it something. `uuid`: its name in the agent's stream. Null: it cannot be told anything. */
  message(run: Run, text: string, uuid: string): string | null;
}

/** What is done with the worktree of a run that did not end by itself. Repeating it is harmless. */
export interface Salvage {
  /** No lock of the dead, nothing half done, HEAD on the task's branch. Says what was done. */
  mendAfterKill(task: Task, run: RunId): Promise<{ readonly done: readonly string[] }>;
  /** Everything in the worktree as one commit on the task's branch; null: there is nothing to commit. */
  commitWip(task: Task, message: string): Promise<string | null>;
}

export type Reined = Agents & Partial<Reins>;
export type Salvaging = Workspaces & Partial<Salvage>;
