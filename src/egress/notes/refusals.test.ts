import { expect, test } from 'vitest';
import { createRefusals } from './refusals.ts';

test('the first is told at once, the same again ever more seldom, and one worker takes nothing from another', () => {
  let now = 0;
  const refusals = createRefusals(() => now);
  const told: number[] = [];
  for (; now < 3_600_000; now += 1000) if (refusals.isWorthALine('w-1', 'a.example:443')) told.push(now / 60_000);
  expect(told).toEqual([0, 1, 3, 7, 15, 31]);
  const many = Array.from({ length: 5000 }, (_, n) => refusals.isWorthALine('w-1', `${n}.example:443`));
  expect(many.filter((is) => is)).toHaveLength(99);
  expect(refusals.isWorthALine('w-2', 'a.example:443')).toBe(true);
  refusals.forget('w-1');
  expect(refusals.isWorthALine('w-1', 'a.example:443')).toBe(true);
});
