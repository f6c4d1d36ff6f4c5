import { expect, test } from 'vitest';
import { mayBeLeft } from './patience.ts';

const problem = (tries: number) => ({ step: 'read its log', message: 'it was cut', tries, at: 1_000, retryAt: 601_000 });

test('a daemon that is to leave waits for a step that fails for three tries, and for what cannot be known for a minute', () => {
  expect(mayBeLeft({ state: 'ended', problem: null }, 1e9)).toBe(false);
  expect(mayBeLeft({ state: 'ended', problem: problem(1) }, 60_999)).toBe(false);
  expect(mayBeLeft({ state: 'ended', problem: problem(1) }, 61_000)).toBe(true);
  expect(mayBeLeft({ state: 'preparing', problem: problem(3) }, 1_000)).toBe(true);
});

test.each(['running', 'stopping'] as const)('it waits for a run that is %s in any case', (state) => {
  expect(mayBeLeft({ state, problem: problem(9) }, 1e9)).toBe(false);
});
