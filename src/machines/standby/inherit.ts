import type { Shared } from '../../adapters/machines/shared.ts';
import { machineOf } from '../../core/model/fleet.ts';
import type { Task, TaskId } from '../../core/model/task.ts';
import { messageOf } from '../../core/words/message-of.ts';
import type { Log } from '../../engine/ports/records/log.ts';
import type { Store } from '../../engine/ports/records/store.ts';

/*
 * A coordinator that took over has the store of the one before, and not its git: the commits of each task are on the machine that worked on it, and
 * come from there before anything is built on them.
 */

export interface Inherited {
  /** Has the branch and the saved work of a task here, as far as the machine that worked on it last is there. Throws while it is silent. */
  bring(task: Task): Promise<void>;
  /** Of all tasks that are not over, one after the other, beside everything else. */
  bringAll(): Promise<void>;
}

export interface InheritParts {
  readonly shared: Pick<Shared, 'forgottenAmong' | 'machineNamed'>;
  readonly store: Pick<Store, 'fact' | 'openTasks' | 'endedTasks' | 'runsOf'>;
  readonly log: Log;
  /** Takes over what a machine has of a task. */
  readonly fetch: (machine: string, task: Task) => Promise<void>;
}

/** Pulls that are open belong to tasks that may go on. */
const MOST_IN_REVIEW = 1_000;

export function inherit({ shared, store, log, fetch }: InheritParts): Inherited {
  const isHeir = store.fact('copy')?.inherited === true;
  const brought = new Map<TaskId, Promise<void>>();

  async function work(task: Task): Promise<void> {
    const last = store.runsOf(task.id).findLast((run) => machineOf(run) !== null);
    const machine = last === undefined ? null : machineOf(last);
    if (last === undefined || machine === null) return;
    if ((await shared.forgottenAmong(machine, [last.id])).size > 0) return;
    const there = await shared.machineNamed(machine);
    if (there === null || there.forgotten) return;
    await fetch(machine, task);
  }

  async function bring(task: Task): Promise<void> {
    if (!isHeir) return;
    const before = brought.get(task.id);
    if (before !== undefined) return before;
    const bringing = work(task);
    brought.set(task.id, bringing);
    await bringing.catch((error: unknown) => {
      brought.delete(task.id);
      throw error;
    });
  }

  return {
    bring,
    async bringAll() {
      if (!isHeir) return;
      for (const task of [...store.openTasks(), ...store.endedTasks({ state: 'review', since: 0, limit: MOST_IN_REVIEW })])
        await bring(task).catch((error: unknown) => log.warn(`its work is not here yet: ${messageOf(error)}`, { task: task.id }));
    },
  };
}
