import { expect, test } from 'vitest';
import { quantile, sampleOf } from '../../../bench/measure.ts';
import { holds, reportOf } from '../../../bench/report.ts';
import type { Bound, Figure } from '../../../bench/row.ts';

const figure = (value: number, bound?: Bound, yardstick?: number): Figure => ({
  name: 'a row',
  value,
  unit: 'ms',
  how: 'by hand',
  ...(bound === undefined ? {} : { bound }),
  ...(yardstick === undefined ? {} : { yardstick: { what: 'another', value: yardstick } }),
});

const BOUNDS: readonly { readonly bound: Bound; readonly good: number; readonly bad: number }[] = [
  { bound: { kind: 'ratio', most: 2 }, good: 20, bad: 20.1 },
  { bound: { kind: 'faster', least: 10 }, good: 1, bad: 1.1 },
  { bound: { kind: 'value', most: 5 }, good: 5, bad: 5.1 },
  { bound: { kind: 'before', most: 0.3 }, good: 3, bad: 3.1 },
];

test.each(BOUNDS)('$bound.kind: at the bound it holds, beyond it does not, and what is no number does not', ({ bound, good, bad }) => {
  const judge = (value: number) => holds({ now: figure(value, bound, 10), before: figure(10) });
  expect([judge(good), judge(bad), judge(Number.NaN)]).toEqual([true, false, false]);
});

test('what is judged where it is measured, what has no bound, what cannot be compared', () => {
  expect(holds({ now: figure(1, { kind: 'met', text: 'none lost', holds: false }), before: null })).toBe(false);
  expect(holds({ now: figure(1), before: null })).toBeNull();
  expect(holds({ now: figure(1, { kind: 'before', most: 1 }), before: null })).toBeNull();
  expect(holds({ now: figure(1, { kind: 'ratio', most: 1 }), before: null })).toBe(false);
});

test('the report shows a broken bound, the ratio, and the version before', () => {
  const one = sampleOf([1]);
  const now = figure(30, { kind: 'ratio', most: 2 }, 10);
  const report = reportOf({
    date: new Date(0),
    revision: 'v1',
    yardsticks: { node: one, parse: one, durable: one, status: one },
    figures: [{ now, before: figure(60, { kind: 'ratio', most: 2 }, 10) }],
  });
  expect(report).toContain('| a row | 30.0 ms | another: 10.0 ms | 3.00 | ≤ 2 × | **no** | by hand |');
  expect(report).toContain('## Beside the version before (v1)');
  expect(report).toContain('| a row | 60.0 ms | 30.0 ms | 0.50 | **no** |');
});

test('of a hundred values the 99th is the p99', () => {
  expect(quantile(sampleOf(Array.from({ length: 100 }, (_, n) => 100 - n)), 0.99)).toBe(99);
});
