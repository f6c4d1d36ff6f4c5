import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDuration } from './durations.ts';
import { distance } from './names.ts';
import { parseCount, parseSize } from './sizes.ts';

test.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['1.5h', 5_400_000],
  ['1h30m', 5_400_000],
  ['7d', 604_800_000],
  ['0s', 0],
  ['30', null],
  ['30 s', null],
  ['-5s', null],
  ['5S', null],
  ['s', null],
  ['', null],
  ['1e3s', null],
])('the duration %s', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  ['2GiB', 2 ** 31],
  ['512MiB', 2 ** 29],
  ['100MB', 1e8],
  ['1.5kB', 1500],
  ['12B', 12],
  ['12', null],
  ['2gb', null],
  ['2GB ', null],
])('the size %s', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each([
  ['25M', 25e6],
  ['500k', 5e5],
  ['1.5G', 1.5e9],
  ['25', null],
  ['25m', null],
])('the count %s', (text, n) => {
  expect(parseCount(text)).toBe(n);
});

test('the distance of two words is a metric', () => {
  const word = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b', 'c') });
  fc.assert(
    fc.property(word, word, word, (a, b, c) => {
      expect(distance(a, b)).toBe(distance(b, a));
      expect(distance(a, b) === 0).toBe(a === b);
      expect(distance(a, c)).toBeLessThanOrEqual(distance(a, b) + distance(b, c));
    }),
  );
  expect(distance('lable', 'label')).toBe(2);
});
