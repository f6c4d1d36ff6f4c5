import { describe, expect, it } from 'vitest';
import { failed, NOW, pending, policy, taskAfter, world } from '../../../test/support/world/world.ts';
import type { BoardIntent } from '../board/text/view.ts';
import { NEW_FLEET } from '../model/fleet.ts';
import { lastLocalIn, type Task, type TaskId } from '../model/task.ts';
import { reconcile } from '../reconcile.ts';
import { REMOVED } from '../steer/verbs.ts';

const wrote = (title: string, line: number, task?: TaskId): BoardIntent => ({
  ...{ kind: 'add', key: task ?? `[] ${title}#0`, number: null, title, priority: 2, line },
  ...(task === undefined ? {} : { task }),
});
/** What a person's lines in `tasks.md` became: id and title of each new task, and the number that the next one gets. */
function became(intents: readonly BoardIntent[], tasks: readonly Task[] = [], nextLocal = 1) {
  const made = reconcile(world({ forge: 'none', tasks, intents, fleet: { ...NEW_FLEET, nextLocal } }), policy({ slots: 0 }), NOW);
  const fleet = made.commit.facts?.fleet as typeof NEW_FLEET | undefined;
  const added = (made.commit.tasks ?? []).filter(({ expected }) => expected === null).map(({ next }) => `${next.id}: ${next.title}`);
  return { made, added, next: fleet?.nextLocal ?? nextLocal };
}

describe('a local task', () => {
  it('gets the next number', () => {
    expect(became([wrote('One', 5), wrote('Two', 6)], [], 3)).toMatchObject({ added: ['local-3: One', 'local-4: Two'], next: 5 });
  });

  it('keeps the number that its line bears, and none beside it gets the same', () => {
    const lines = [wrote('New', 5), wrote('Old', 6, 'local-1')];
    expect(became(lines)).toMatchObject({ added: ['local-2: New', 'local-1: Old'], next: 3 });
    expect(became([wrote('Old', 5, 'local-9')])).toMatchObject({ added: ['local-9: Old'], next: 10 });
  });

  it('taken out and put back is the same one again', () => {
    const failure = { type: 'cancelled', message: REMOVED, by: 'tasks.md', at: NOW - 1 } as const;
    const { made, added, next } = became([wrote('Old', 5, 'local-2')], [failed('local-2', { failure })], 4);
    expect({ added, next }).toEqual({ added: [], next: 4 });
    expect(taskAfter(made, 'local-2')).toMatchObject({ state: 'pending' });
  });

  it('that is there already is not made twice', () => {
    expect(became([wrote('Old', 5, 'local-2')], [pending('local-2')], 3)).toMatchObject({ added: [], next: 3 });
  });
});

it.each([
  ['', 0],
  ['[] gh-77: Look at local-time', 0],
  ['[] local-3: One\n[❌ w-000012] local-12: Two, as local-4', 12],
])('%j names local tasks up to %i', (text, last) => expect(lastLocalIn(text)).toBe(last));
