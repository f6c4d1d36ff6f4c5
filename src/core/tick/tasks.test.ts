import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sampleTask } from '../../../test/conformance/store-samples.ts';
import type { Task } from '../model/task.ts';
import { between, eventfulIn, Tasks, tasksIn } from './tasks.ts';

const STATES = ['pending', 'active', 'blocked'] as const;
/** Each third has been tried before. */
const of = (n: number, state: (typeof STATES)[number], version: number): Task =>
  ({ ...sampleTask(n), state, version, last: (n + version) % 3 === 0 ? { type: 'crash' } : null }) as unknown as Task;
const isEventful = (task: Task): boolean => task.state !== 'pending' || task.last !== null;

/** A list as the store gives it after one was written: the others are the very same. */
const step = fc.record({
  n: fc.nat({ max: 200 }),
  what: fc.constantFrom<'gone' | 'came' | 'now'>('gone', 'came', 'now'),
  state: fc.constantFrom(...STATES),
});

it('what is found in a list that differs a little from the one before is what is found in it anew', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, isFirst) => {
      let list: readonly Task[] = Array.from({ length: 120 }, (_, n) => of(n + 1, STATES[n % 3] ?? 'pending', 1));
      let next = 200;
      if (isFirst) tasksIn(list, 'pending');
      for (const { n, what, state } of steps) {
        const at = n % Math.max(1, list.length);
        const task = list[at];
        next += 1;
        if (what === 'came' || task === undefined) list = [...list, of(next, state, 1)];
        else if (what === 'gone') list = list.toSpliced(at, 1);
        else list = list.with(at, of(Number(task.id.split('-')[1]), state, task.version + 1));
        for (const one of STATES) expect(tasksIn(list, one)).toEqual(list.filter((task) => task.state === one));
        expect(eventfulIn(list)).toEqual(list.filter(isEventful));
        const tasks = new Tasks(list);
        expect(list.map(({ id }) => tasks.get(id))).toEqual(list);
        if (task !== undefined && what === 'gone') expect(tasks.has(task.id)).toBe(false);
      }
    }),
    { numRuns: 40 },
  );
});

it('what has become of some of them is told in the order of the list, new ones last', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const list = Array.from({ length: 12 }, (_, n) => of(n + 1, STATES[n % 3] ?? 'pending', 1));
      const tasks = new Tasks(list);
      const model = new Map(list.map((task) => [task.id, task]));
      for (const { n, what, state } of steps) {
        const task = of(what === 'came' ? 100 + n : (n % 12) + 1, state, 2);
        tasks.set(task.id, task);
        model.set(task.id, task);
        for (const one of STATES) expect(tasks.in(one)).toEqual([...model.values()].filter((task) => task.state === one));
        expect(tasks.all()).toEqual([...model.values()]);
        expect(new Set(tasks.eventful())).toEqual(new Set([...model.values()].filter(isEventful)));
      }
      expect(new Set(tasks.changes().map(({ next }) => next))).toEqual(new Set([...model.values()].filter(({ version }) => version === 2)));
    }),
  );
});

it('one that goes round again, races or is a racer is more than one that waits', () => {
  const [plain, again, racing, racer] = [1, 4, 7, 10].map((n) => of(n, 'pending', 1));
  const list = [plain, { ...again, rounds: 1 }, { ...racing, race: { racers: [] } }, { ...racer, id: 'gh-9.codex' }] as readonly Task[];
  expect(eventfulIn(list)).toEqual(list.slice(1));
});

it('between two lists lies what is not the very same at both ends', () => {
  expect(between([1, 2, 3, 4], [1, 9, 4])).toEqual({ from: 1, to: 3, newTo: 2 });
  expect(between([1, 1], [1, 1, 1])).toEqual({ from: 2, to: 2, newTo: 3 });
  expect(between([], [])).toEqual({ from: 0, to: 0, newTo: 0 });
});
