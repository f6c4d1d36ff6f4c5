import { describe, expect, it } from 'vitest';
import { active, issue, NOW, pending, policy, seen, taskAfter, trigger, world } from '../../../test/support/world/world.ts';
import { explain } from '../explain/explain.ts';
import { issueNumber, type Task, type TaskId } from '../model/task.ts';
import { reconcile } from '../reconcile.ts';

const limited = policy({ maxOpenPulls: 2, slots: 5 });
const scene = (tasks: readonly Task[], ownPulls: number) => {
  const numbers = tasks.flatMap(({ id }) => issueNumber(id) ?? []);
  const triggers = new Map(numbers.map((number) => [number, seen(trigger())]));
  return world({ tasks, ownPulls, triggers, issues: seen(numbers.map((number) => issue(number))) });
};
const started = (tasks: readonly Task[], ownPulls: number, rules = limited): readonly TaskId[] => {
  const plan = reconcile(scene(tasks, ownPulls), rules, NOW);
  return tasks.flatMap(({ id, state }) => (state === 'pending' && taskAfter(plan, id)?.state === 'active' ? [id] : []));
};

describe('with a limit on open pulls', () => {
  const waiting = [pending('gh-1'), pending('gh-2'), pending('gh-3')];

  it.each([
    ['none is open: as many as may be', 0, ['gh-1', 'gh-2']],
    ['one is open', 1, ['gh-1']],
    ['enough are open', 2, []],
    ['more are open than may be', 3, []],
  ])('%s', (_, open, ids) => expect(started(waiting, open)).toEqual(ids));

  it('what is at work counts, unless its pull is open already', () => {
    const pull = { number: 9, url: 'u' };
    expect(started([active('gh-4', 'w-000001'), pending('gh-1'), pending('gh-2')], 0)).toEqual(['gh-1']);
    expect(started([active('gh-4', 'w-000001', { pull }), pending('gh-1')], 1)).toEqual(['gh-1']);
  });

  it('work on an open pull and work without an issue go on', () => {
    expect(started([pending('gh-1', { pull: { number: 9, url: 'u' } }), pending('local-1', { armedBy: 'person' })], 2)).toEqual([
      'gh-1',
      'local-1',
    ]);
  });

  it('is told, by the tick and by why, and none is no limit', () => {
    const plan = reconcile(scene(waiting, 2), limited, NOW);
    expect(plan.notes).toMatchObject(waiting.map(({ id }) => ({ task: id, gate: 'open-pulls' })));
    const why = explain(scene(waiting, 2), limited, 'gh-1', NOW);
    expect(why.sentence).toBe('enough pulls of tac8 wait for people (2 open, max_open_pulls 2)');
    expect(why.next).toContain('merged or closed');
    expect(started(waiting, 50, policy({ slots: 5 }))).toEqual(['gh-1', 'gh-2', 'gh-3']);
  });
});
