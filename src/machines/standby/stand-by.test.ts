import { expect, test } from 'vitest';
import { countSilence } from './stand-by.ts';

const word = (seen: string, generation = '1') => ({ generation, seen });

test('silence is counted from the last new word', () => {
  const silence = countSilence();
  expect([silence(word('a'), 0), silence(word('a'), 1_000), silence(word('b'), 2_000), silence(word('b'), 5_000)]).toEqual([
    0, 1_000, 0, 3_000,
  ]);
  // Another coordinator took over.
  expect(silence(word('b', '2'), 6_000)).toBe(0);
});

test('time in which Postgres did not answer, or nobody looked, is nobody’s silence', () => {
  const silence = countSilence();
  for (let now = 0; now <= 29_000; now += 1_000) silence(word('a'), now);
  expect(silence(null, 30_000)).toBe(0);
  expect(silence(word('a'), 31_000)).toBe(0);
  expect(silence(word('a'), 32_000)).toBe(1_000);
  // This process was frozen.
  expect(silence(word('a'), 100_000)).toBe(0);
  expect(silence(word('a'), 101_000)).toBe(1_000);
});
