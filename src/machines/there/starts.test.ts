import { expect, test } from 'vitest';
import { watchStarts } from './starts.ts';

test('three failed starts in a row rest the machine; then it tries one at a time until one succeeds', () => {
  let now = 0;
  const said: string[] = [];
  const starts = watchStarts(
    () => now,
    (words) => said.push(words),
  );
  starts.saw('prepare', 'no disk');
  starts.saw('launch', 'no disk');
  starts.saw('prepare', null);
  expect([starts.broken(), starts.mayTake(5)]).toEqual([null, true]);
  starts.saw('launch', 'no program');
  expect(starts.broken()).toBe('3 starts in a row failed: no program');
  now = 299_999;
  expect(starts.mayTake(0)).toBe(false);
  now = 300_000;
  expect([starts.mayTake(0), starts.mayTake(1)]).toEqual([true, false]);
  starts.saw('save', 'a step is no start');
  starts.saw('launch', null);
  expect([starts.broken(), starts.mayTake(3), said.length]).toEqual([null, true, 2]);
});

test('a start that succeeds in between begins the count anew', () => {
  const starts = watchStarts(
    () => 0,
    () => undefined,
  );
  for (const failure of ['x', 'x', null, 'x', 'x']) starts.saw('launch', failure);
  expect(starts.broken()).toBeNull();
});
