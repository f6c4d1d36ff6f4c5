import { expect, test } from 'vitest';
import type { Counters } from '../model/records.ts';
import { healthByCounters, healthOf, healthWords, lastRuns } from './health.ts';

const NONE: Counters = { workers_launched: 0, workers_completed: 0, workers_failed: 0, worktree_errors: 0, prs_created: 0 };

test('a bad week long ago is no warning, and its good one does not hide what fails now', () => {
  const bad = { ...NONE, workers_failed: 90, workers_completed: 10 };
  expect([healthOf(bad, ['done', 'blocked', 'crash']), healthByCounters(bad)]).toEqual(['ok', 'warning']);
  const good = { ...NONE, workers_failed: 10, workers_completed: 90 };
  expect([healthOf(good, ['done', 'crash', 'timeout']), healthByCounters(good)]).toEqual(['warning', 'ok']);
  expect(healthOf(NONE, [])).toBe('ok');
  expect(healthOf({ ...NONE, worktree_errors: 11 }, ['done'])).toBe('degraded');
});

test('a warning says what it is about', () => {
  const recent = lastRuns(['done', 'crash', 'timeout']);
  expect(healthWords('warning', recent)).toBe('warning (2 of the last 3 runs failed)');
  expect([healthWords('ok', recent), healthWords('degraded', recent)]).toEqual(['ok', 'degraded']);
});
