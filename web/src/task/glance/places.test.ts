import { expect, test } from 'vitest';
import type { Outline } from '../../link/contract.ts';
import { bucketsOf, nextMark, placeAt, shareOf } from './places.ts';

const at = null;
const milestones = [
  { line: 0, offset: 0, at },
  { line: 10, offset: 100, at },
  { line: 20, offset: 9_100, at },
];
const outline = { milestones, lines: 40, after: 9_300 } as unknown as Outline;
const mark = (offset: number, part = 0) => ({ kind: 'edit' as const, offset, part, at, ok: true, text: '' });

test('all lines are equally wide, however long they are', () => {
  expect([0, 50, 100, 4_600, 9_100, 9_200, 9_300, 10_000].map((offset) => shareOf(outline, offset))).toEqual([
    0, 0.125, 0.25, 0.375, 0.5, 0.75, 1, 1,
  ]);
  expect([0, 0.2, 0.25, 0.6, 1].map((share) => placeAt(outline, share)?.offset)).toEqual([0, 0, 100, 9_100, 9_100]);
  expect(placeAt({ milestones: [], lines: 0 }, 0.5)).toBeNull();
  expect(shareOf({ milestones: [], lines: 0, after: 0 }, 7)).toBe(0);
});

test('marks that stand upon each other are one; the next one is found, and the first behind the last', () => {
  const marks = [mark(9_200), mark(10), mark(12), mark(10, 1)];
  expect(bucketsOf(outline, marks, 10).map(({ from, marks: own }) => [from, own.length])).toEqual([
    [0, 3],
    [0.7, 1],
  ]);
  expect(nextMark(marks, null)).toEqual(mark(10));
  expect(nextMark(marks, 12)).toEqual(mark(9_200));
  expect(nextMark(marks, 9_200)).toEqual(mark(10));
  expect(nextMark([], 1)).toBeNull();
});
