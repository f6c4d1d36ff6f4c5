import { expect, test } from 'vitest';
import type { MachineSeen } from '../../adapters/machines/register.ts';
import { watchSilence } from './silence.ts';

const MINUTE = 60_000;
const machine = (silentMs: number, more: Partial<MachineSeen> = {}): MachineSeen =>
  ({ name: 'one', silentMs, runs: ['w-1'], forgotten: false, ...more }) as MachineSeen;
/** Looks every ten seconds from one minute to another; the times at which it is given up. */
function given(forgetAfter: number, minutes: number, seen: (at: number) => MachineSeen | null): readonly number[] {
  const look = watchSilence(forgetAfter);
  return Array.from({ length: minutes * 6 }, (_, n) => n * 10_000).flatMap((at) => {
    const one = seen(at);
    return one === null ? [] : look([one], at).map(() => at);
  });
}

test('a machine that is silent for the whole time is given up, once it has a run', () => {
  expect(given(5 * MINUTE, 10, (at) => machine(at))[0]).toBe(5 * MINUTE + 10_000);
  expect(given(5 * MINUTE, 10, (at) => machine(at, { runs: [] }))).toEqual([]);
  expect(given(5 * MINUTE, 10, (at) => machine(at, { forgotten: true }))).toEqual([]);
});

test('one that is heard now and then is not', () => {
  expect(given(5 * MINUTE, 60, (at) => machine(at % (4 * MINUTE)))).toEqual([]);
});

test('after an outage of Postgres for all, each has the whole time to be heard again', () => {
  const outage = (at: number): MachineSeen | null => (at > MINUTE && at < 60 * MINUTE ? null : machine(at));
  expect(given(5 * MINUTE, 64, outage)).toEqual([]);
  expect(given(5 * MINUTE, 66, outage)[0]).toBeGreaterThan(64 * MINUTE);
});
