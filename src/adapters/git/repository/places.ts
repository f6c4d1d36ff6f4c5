import { isAbsolute, join, resolve } from 'node:path';
import { isTaskId, type RunId, type TaskId } from '../../../core/model/task.ts';
import { PortError } from '../../../engine/ports/error.ts';

/** Where things are. Every name follows from task and run, so that a repeated step finds what the first one made. */
export interface Places {
  readonly trees: string;
  tree(task: TaskId): string;
  readonly state: string;
  /** Things that stood in the way of a worktree; never emptied by tac8. */
  readonly aside: string;
  runFolder(run: RunId): string;
  setupLog(task: TaskId): string;
  /** For index files of our own, beside those of the worktrees. */
  readonly scratch: string;
  /** For those that are kept from one snapshot to the next. */
  readonly kept: string;
  /** The folder of git that the task's worker has in a box. */
  boxed(task: TaskId): string;
}

export function placesOf(root: string, dir: string, stateDir: string): Places {
  const trees = isAbsolute(dir) ? dir : resolve(root, dir);
  const state = isAbsolute(stateDir) ? stateDir : resolve(root, stateDir);
  return {
    trees,
    tree: (task) => join(trees, checkedTask(task)),
    state,
    aside: join(state, 'aside'),
    runFolder: (run) => join(state, 'runs', checkedRun(run)),
    setupLog: (task) => join(state, 'setup', `${checkedTask(task)}.log`),
    scratch: join(state, 'git', 'scratch'),
    kept: join(state, 'git', 'kept'),
    boxed: (task) => join(state, 'git', 'boxes', checkedTask(task)),
  };
}

/** Ids become file and ref names: one that is not of the agreed form goes no further. */
export function checkedTask(task: TaskId): TaskId {
  if (isTaskId(task)) return task;
  throw new PortError('terminal', `"${String(task)}" is not a task id`, { hint: 'Task ids are gh-N and local-N.' });
}

export function checkedRun(run: RunId): RunId {
  if (/^w-[0-9a-z]{1,40}$/.test(run)) return run;
  throw new PortError('terminal', `"${run}" is not a run id`, { hint: 'Run ids are w- and six hex digits.' });
}

/** `2026-11-22T14-03-11.250Z`: sorts, and is a file name everywhere. */
export const fileTime = (at: Date = new Date()): string => at.toISOString().replaceAll(':', '-');
