import { type Gate, pass, shut } from '../model/gate.ts';
import { isRacer, issueNumber, rootOf, type Task, type TaskIn } from '../model/task.ts';
import type { Policy } from '../tick/policy.ts';
import type { World } from '../tick/world.ts';

/** Whether its work will end in a pull that is not there yet. */
const makesPull = (task: Task): boolean => issueNumber(task.id) !== null && task.pull === null;

/** On how many pulls that are yet to be opened tasks are at work: attempts side by side come to one. */
export const countMaking = (active: readonly TaskIn<'active'>[]): number =>
  new Set(active.filter(makesPull).map(({ id }) => rootOf(id))).size;

/**
 * People read one pull after the other: with so many open, what would open one more waits. What is at work counts with them, so that there are
 * never more; work on a pull that is open already goes on.
 */
export function openPullsGate(world: World, { maxOpenPulls }: Policy, task: Task, making: number): readonly Gate[] {
  // Whoever races was let in as its race began.
  if (maxOpenPulls === null || world.forge === 'none' || !makesPull(task) || isRacer(task.id)) return [];
  const { ownPulls } = world;
  const seen = `${ownPulls} open${making === 0 ? '' : `, ${making} at work on`}, max_open_pulls ${maxOpenPulls}`;
  if (ownPulls + making < maxOpenPulls) return [pass('open-pulls', `there may be one more pull of tac8 (${seen})`)];
  return [
    shut('open-pulls', `enough pulls of tac8 wait for people (${seen})`, 'one of them is merged or closed, or max_open_pulls is raised'),
  ];
}
