import { questionsOf } from '../core/dependencies.ts';
import type { Plan } from '../core/plan.ts';
import type { Ms } from '../core/seen.ts';
import { issueNumber, type TaskId } from '../core/task.ts';
import type { World } from '../core/world.ts';

/** What a plan wants to know, and whatever else the gates of a task that waits rest on, though its turn has not come. */
export function questionsAbout(id: TaskId, { world, plan }: { world: World; plan: Plan }, now: Ms): Plan['wanted'] {
  const { triggers, issues, dependencies } = plan.wanted;
  const number = issueNumber(id);
  const task = world.tasks.find((one) => one.id === id);
  if (number === null || task?.state !== 'pending') return plan.wanted;
  const more = questionsOf(world, number, now);
  return {
    triggers: task.armedBy === 'label' ? both(triggers, [number]) : triggers,
    issues: both(issues, more.issues),
    dependencies: both(dependencies, more.dependencies),
  };
}

/** Each is asked once. */
const both = (some: readonly number[], more: readonly number[]): readonly number[] => [...new Set([...some, ...more])];
