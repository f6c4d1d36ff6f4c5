import type { Household, Owners } from '../../core/model/household.ts';
import type { Run } from '../../core/model/run.ts';
import type { RunId, Task, TaskId } from '../../core/model/task.ts';
import type { Store } from '../ports/records/store.ts';

/** Whose each thing of the household is, by the store; with every run that is not settled. */
export function ownersOf(store: Pick<Store, 'tasks' | 'run' | 'openRuns'>, household: Household): Owners {
  const runs = new Map<RunId, Run | null>(store.openRuns().map((run) => [run.id, run]));
  for (const { run } of [...household.logs, ...household.runFolders]) if (!runs.has(run)) runs.set(run, store.run(run));
  const named = new Set<TaskId>([...household.trees, ...household.logs, ...household.homes].map(({ task }) => task));
  for (const { run } of household.runFolders) {
    const task = runs.get(run)?.task;
    if (task !== undefined) named.add(task);
  }
  const tasks = new Map<TaskId, Task | null>([...named].map((id) => [id, null]));
  for (const task of named.size === 0 ? [] : store.tasks([...named])) tasks.set(task.id, task);
  return { tasks, runs };
}
