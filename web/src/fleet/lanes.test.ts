import { expect, test } from 'vitest';
import { lanesOf, ticksBetween } from './lanes.ts';

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 29, 12, minute)).toISOString();
const bar = (run: string, from: number, to: number | null) => ({
  ...{ run, task: 'gh-1', model: null, outcome: null },
  ...{ started_at: at(from), ended_at: to === null ? null : at(to) },
});

test('runs at the same time lie on lanes of their own; a lane that is free is taken again', () => {
  const lanes = lanesOf([bar('c', 12, null), bar('a', 0, 10), bar('b', 5, 20), bar('d', 21, 30)]);
  expect(lanes.map((lane) => lane.map(({ run }) => run))).toEqual([
    ['a', 'c'],
    ['b', 'd'],
  ]);
});

test('the clock is marked in whole steps, eight at most', () => {
  const from = Date.UTC(2026, 10, 29, 12, 3);
  for (const minutes of [3, 30, 100, 360, 1440, 20_000]) {
    const ticks = ticksBetween(from, from + minutes * 60_000);
    expect(ticks.length).toBeLessThanOrEqual(9);
    expect(ticks.every((tick) => tick >= from && tick % 60_000 === 0)).toBe(true);
  }
});
