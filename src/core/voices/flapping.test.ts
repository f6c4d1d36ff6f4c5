import { expect, test } from 'vitest';
import { issue, NOW, pending, policy, seen, trigger, world, written } from '../../../test/support/world/world.ts';
import { reconcile } from '../reconcile.ts';
import type { World } from '../tick/world.ts';

const paused: World['fleet'] = { pausedAt: NOW, parked: null, providerErrors: 0, nextLocal: 1 };

/** The label goes, and comes back ten seconds later. Answers the task as the newest tick left it. */
function flap(before: World, at: number): World {
  const gone = { ...before, issues: seen([], at), singles: new Map([[7, seen(issue(7, { labels: [] }), at)]]) };
  const off = written(gone, reconcile(gone, policy(), at));
  const back = {
    ...off,
    issues: seen([issue(7)], at + 10_000),
    singles: new Map(),
    triggers: new Map([[7, seen(trigger(true, at + 9_000), at + 10_000)]]),
  };
  return written(back, reconcile(back, policy(), at + 10_000));
}
const taskOf = (after: World) => after.tasks.find(({ id }) => id === 'gh-7');

test('a label that flaps is taken at its word twice, then it has to stay on; a later change of mind counts at once', () => {
  let now = world({ tasks: [pending('gh-7')], issues: seen([issue(7)]), triggers: new Map([[7, seen(trigger())]]), fleet: paused });
  const starts: (number | null)[] = [];
  for (let n = 0; n < 5; n += 1) {
    now = flap(now, NOW + n * 20_000);
    const task = taskOf(now);
    starts.push(task?.state === 'pending' && task.retryAt !== null ? task.retryAt - (NOW + n * 20_000 + 10_000) : null);
  }
  expect(starts).toEqual([null, null, 120_000, 120_000, 120_000]);
  const later = taskOf(flap(now, NOW + 10 * 60_000));
  expect(later).toMatchObject({ state: 'pending', retryAt: null });
});
