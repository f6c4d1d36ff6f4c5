import { type Explanation, explain } from '../../core/explain/explain.ts';
import type { TaskId } from '../../core/model/task.ts';
import type { Policy } from '../../core/tick/policy.ts';
import type { World } from '../../core/tick/world.ts';
import type { Ports } from '../ports/context.ts';

/** Why a task is where it is, by the newest look of the loop. */
export interface Explainer {
  saw(world: World): void;
  /** Null: the loop has not looked yet. */
  explain(task: TaskId): Explanation | null;
}

export function createExplainer({ store, clock }: Pick<Ports, 'store' | 'clock'>, policy: () => Policy): Explainer {
  let last: World | null = null;
  return {
    saw(world) {
      last = world;
    },
    explain(id) {
      if (last === null) return null;
      // The newest state counts; what a tick does not look at, an ended task and its run, is read for it.
      const task = store.task(id);
      const tasks = last.tasks.filter((one) => one.id !== id);
      const run = task !== null && 'run' in task && task.run !== null ? store.run(task.run) : null;
      const runs = last.runs.filter((one) => one.id !== run?.id);
      const world = { ...last, tasks: task === null ? tasks : [...tasks, task], runs: run === null ? runs : [...runs, run] };
      return explain(world, policy(), id, clock.now());
    },
  };
}
