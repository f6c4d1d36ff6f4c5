import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sampleTask } from '../../../test/conformance/store-samples.ts';
import type { Task } from '../model/task.ts';
import { byTurn } from '../start/schedule.ts';
import { composeBoard } from './board-view.ts';

const task = (n: number, priority: number, order: number | null): Task =>
  ({ ...sampleTask(n), id: `local-${n}`, state: 'pending', priority, order, addedAt: n % 3, last: null, retryAt: null }) as unknown as Task;

const ids = (open: readonly Task[]): readonly string[] =>
  composeBoard({ open, ended: [], runs: new Map(), slots: 1, trees: 'trees', local: String }, 0).lines.map(({ id }) => id);

it('the waiting tasks stand in their turn, however the queue came to be what it is', () => {
  const step = fc.record({
    n: fc.nat({ max: 99 }),
    what: fc.constantFrom('gone', 'came', 'now'),
    priority: fc.nat({ max: 2 }),
    order: fc.option(fc.nat({ max: 3 })),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let open: readonly Task[] = Array.from({ length: 60 }, (_, n) => task(n + 1, n % 3, null));
      let next = 100;
      for (const { n, what, priority, order } of steps) {
        const at = n % Math.max(1, open.length);
        const one = open[at];
        next += 1;
        if (what === 'came' || one === undefined) open = [...open, task(next, priority, order)];
        else if (what === 'gone') open = open.toSpliced(at, 1);
        else open = open.with(at, { ...one, priority, order } as Task);
        expect(ids(open)).toEqual(open.toSorted(byTurn).map(({ id }) => id));
      }
    }),
    { numRuns: 60 },
  );
});

it('a pull in review stands where what is done stands; a further round on it is an active line', () => {
  const review = sampleTask(7, 'review', 30);
  const round = { ...sampleTask(8, 'active', 40), pull: { number: 9, url: 'https://forge.invalid/9' } } as Task;
  const view = composeBoard(
    { open: [round], ended: [review, sampleTask(6, 'completed', 20)], runs: new Map(), slots: 1, trees: 'trees', local: String },
    0,
  );
  expect(view.lines.map(({ id, section }) => [section, id])).toEqual([
    ['active', 'gh-8'],
    ['completed', 'gh-7'],
    ['completed', 'gh-6'],
  ]);
  expect(view.lines[0]?.details).toContainEqual({ key: 'PR', value: '#9 https://forge.invalid/9' });
});
