import type { Issue } from '../model/forge.ts';
import type { Seen } from '../model/seen.ts';
import { rootOf, type Task, type TaskIn } from '../model/task.ts';
import type { Call } from './calls.ts';
import { wordOf } from './checks.ts';
import type { PullSight } from './pull-sights.ts';

/** What tac8 does with a pull whose checks are green. */
export type WhenGreen = 'leave' | 'ready' | 'merge';

export const MORE = 'more work is asked of it';

/** Which green pulls are taken on, and how far. */
export interface GreenRules {
  readonly follow: boolean;
  readonly whenGreen: WhenGreen;
  /** What an issue bears whose work is wanted. */
  readonly label: string;
}

/** Why nobody wants a task's pull to be merged by tac8, in words; null: nothing is known against it. */
export function whyUnmerged(task: Task, issues: Seen<readonly Issue[]>, { follow, whenGreen, label }: GreenRules): string | null {
  if (!follow) return 'pulls.follow is off';
  if (whenGreen !== 'merge') return 'pulls.when_green is not merge any more';
  // Its pull is over, or is about to be in review again.
  if (task.state === 'completed') return null;
  if (task.state !== 'review') return MORE;
  if (task.pausedAt !== null) return `${task.id} is paused`;
  return isWanted(task, issues) === false ? `its issue is closed, or is not asked for by the label ${label} any more` : null;
}

/** Whether the issue still bears the label that asked for the work; null: nobody knows. What a person asked for without one is wanted. */
export function isWanted(task: Task, issues: Seen<readonly Issue[]>): boolean | null {
  if (task.armedBy !== 'label') return true;
  return issues.known ? issues.value.some(({ number }) => `gh-${number}` === rootOf(task.id)) : null;
}

/** Something is said of its pull that no round was begun for. */
export const isCalled = (task: Task, calls: readonly Call[]): boolean => calls.some(({ key }) => task.heard?.calls.includes(key) !== true);

/**
 * The next step for a pull in review whose checks are all green; null: none. Nothing happens to a pull of which something is said that no round
 * was begun for, nor a second time at the same head: who makes a draft of it again, or takes the merge back, is not overruled.
 */
export function greenStep(task: TaskIn<'review'>, sight: PullSight, calls: readonly Call[], wish: WhenGreen): 'ready' | 'merge' | null {
  if (wish === 'leave' || sight.task !== task.id || sight.state !== 'open' || task.pausedAt !== null) return null;
  const { checks, draft, redrafted, advanced, commit } = sight;
  if (checks?.unknown !== null || checks.summary === null || wordOf(checks.summary) !== 'passed') return null;
  if (isCalled(task, calls)) return null;
  const was = advanced?.commit === commit ? advanced.step : null;
  if (draft) return was === null && redrafted !== true ? 'ready' : null;
  return wish === 'merge' && was !== 'merge' ? 'merge' : null;
}
