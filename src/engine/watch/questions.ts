import type { Ms } from '../../core/model/seen.ts';
import { issueNumber, type TaskId } from '../../core/model/task.ts';
import { questionsOf } from '../../core/start/dependencies.ts';
import type { Plan } from '../../core/tick/plan.ts';
import type { World } from '../../core/tick/world.ts';

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
