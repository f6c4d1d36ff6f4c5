import { expect, it } from 'vitest';
import { playDay } from './day/day.ts';

// The whole day is played at night (`npm run day`): what fails is looked at with `node scripts/long/day.ts HOURS ISSUES WORKERS SEED trace`.
it('an hour at GitHub with every limit on: none is used up, no effect is there twice, none is missing', { timeout: 600_000 }, async () => {
  const { wrong, trace: _, ...day } = await playDay({ seed: 12, hours: 1, issues: 6, workers: 30 });
  expect({ wrong, day }).toEqual({ wrong: [], day });
  expect(day.issues).toBeGreaterThan(3);
  expect(day.pulls).toBeGreaterThanOrEqual(day.issues);
  expect(day.runs).toBeGreaterThan(day.issues);
  expect(day.faults).toBeGreaterThan(3);
  expect(day.kills).toBeGreaterThan(0);
  expect(day.webhooks.lost).toBeGreaterThan(10);
  expect(day.mostRequests).toBeLessThan(5_000);
});
