import { expect, test } from 'vitest';
import { grouped } from './quantities.ts';

test.each([
  0,
  1,
  999,
  999.5,
  1000,
  1_234_567,
  -999,
  -1000,
  -1_234_567,
  1e15,
  1e16,
  1e21,
  Number.NaN,
  Number.POSITIVE_INFINITY,
])('the number %s is grouped as Intl does it', (n) => {
  expect(grouped(n)).toBe(Math.round(n).toLocaleString('en-US'));
});
