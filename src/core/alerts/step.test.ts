import { expect, test } from 'vitest';
import type { Book, Condition, Notice, Rule } from '../model/alert.ts';
import { stepAlerts, type Waiting } from './step.ts';

const condition = (key: string, more: Partial<Condition> = {}): Condition => ({
  key,
  rule: 'disk',
  task: null,
  text: key,
  hint: 'h',
  after: 0,
  ...more,
});

/** A daemon's memory of alerts, told tick by tick; `crash` loses what is not stored. */
function daemon() {
  let book: Book = [];
  let waiting: Waiting = new Map();
  const told: string[] = [];
  const tick = (now: number, present: readonly Condition[], unsure: readonly Rule[] = []) => {
    const step = stepAlerts(book, { present, unsure: new Set(unsure), wakeAt: null }, waiting, now);
    ({ book, waiting } = step);
    told.push(...step.notices.map(({ event, text }: Notice) => `${now} ${event} ${text}`));
    return step;
  };
  const crash = () => {
    waiting = new Map();
    book = JSON.parse(JSON.stringify(book));
  };
  return { tick, crash, told };
}

test('told once when it begins and once when it is over, also across a crash', () => {
  const { tick, crash, told } = daemon();
  for (const now of [1, 2, 3]) tick(now, [condition('full')]);
  crash();
  tick(4, [condition('full', { text: 'fuller' })]);
  tick(5, []);
  tick(6, []);
  expect(told).toEqual(['1 fired full', '5 cleared full']);
});

test('what comes back is news', () => {
  const { tick, told } = daemon();
  for (const [now, present] of [
    [1, ['a']],
    [2, []],
    [3, ['a', 'b']],
    [4, ['b']],
  ] as const)
    tick(
      now,
      present.map((key) => condition(key)),
    );
  expect(told).toEqual(['1 fired a', '2 cleared a', '3 fired a', '3 fired b', '4 cleared a']);
});

test('the same news has the same name, other news another', () => {
  const first = daemon();
  const again = daemon();
  const ids = (one: ReturnType<typeof daemon>) =>
    [one.tick(1, [condition('a')]), one.tick(2, []), one.tick(3, [condition('a')])].flatMap(({ notices }) => notices.map(({ id }) => id));
  expect(ids(first)).toEqual(ids(again));
  expect(new Set(ids(daemon())).size).toBe(3);
});

test('what has to hold for a while is told then, and not at all when it ends before', () => {
  const { tick, told } = daemon();
  const burst = condition('memory', { after: 60 });
  expect(tick(100, [burst]).wakeAt).toBe(160);
  tick(130, []);
  expect(tick(140, [burst]).wakeAt).toBe(200);
  expect(tick(199, [burst]).wakeAt).toBe(200);
  tick(200, [burst]);
  expect(told).toEqual(['200 fired memory']);
});

test('what nobody can tell stays as it was', () => {
  const { tick, told } = daemon();
  tick(1, [condition('a'), condition('b', { rule: 'memory' })]);
  tick(2, [], ['disk']);
  tick(3, [condition('a')]);
  expect(told).toEqual(['1 fired a', '1 fired b', '2 cleared b']);
});

test('where nothing changed there is nothing to store', () => {
  const book: Book = [{ ...condition('a'), since: 1 }];
  expect(stepAlerts(book, { present: [condition('a')], unsure: new Set(), wakeAt: 7 }, new Map(), 5)).toMatchObject({
    book,
    notices: [],
    wakeAt: 7,
  });
  expect(stepAlerts(book, { present: [condition('a')], unsure: new Set(), wakeAt: null }, new Map(), 5).book).toBe(book);
});
