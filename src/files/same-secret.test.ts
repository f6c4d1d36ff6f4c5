import { expect, test } from 'vitest';
import { isSameSecret } from './same-secret.ts';

test.each([
  ['a1b2', 'a1b2', true],
  ['', '', true],
  ['schlüssel', 'schlüssel', true],
  ['a1b2', 'a1b3', false],
  ['a1b', 'a1b2', false],
  ['a1b2x', 'a1b2', false],
  ['', 'a1b2', false],
  // As many letters, other bytes: a comparison of bytes would throw.
  ['a1bü', 'a1b2', false],
])('%j is %j: %j', (given, wanted, same) => {
  expect(isSameSecret(given, wanted)).toBe(same);
});
