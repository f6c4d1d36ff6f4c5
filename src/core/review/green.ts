import type { TaskIn } from '../model/task.ts';
import type { Call } from './calls.ts';
import { wordOf } from './checks.ts';
import type { PullSight } from './pull-sights.ts';

/** What tac8 does with a pull whose checks are green. */
export type WhenGreen = 'leave' | 'ready' | 'merge';

/**
 * The next step for a pull in review whose checks are all green; null: none. Nothing happens to a pull of which something is said that no round
 * was begun for, nor a second time at the same head: who makes a draft of it again, or takes the merge back, is not overruled.
 */
export function greenStep(task: TaskIn<'review'>, sight: PullSight, calls: readonly Call[], wish: WhenGreen): 'ready' | 'merge' | null {
  if (wish === 'leave' || sight.task !== task.id || sight.state !== 'open' || task.pausedAt !== null) return null;
  const { checks, draft, redrafted, advanced, commit } = sight;
  if (checks?.unknown !== null || checks.summary === null || wordOf(checks.summary) !== 'passed') return null;
  if (calls.some(({ key }) => task.heard?.calls.includes(key) !== true)) return null;
  const was = advanced?.commit === commit ? advanced.step : null;
  if (draft) return was === null && redrafted !== true ? 'ready' : null;
  return wish === 'merge' && was !== 'merge' ? 'merge' : null;
}
