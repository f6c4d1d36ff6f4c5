import { expect, test } from 'vitest';
import { itemsOf } from './evidence.tsx';

const good = {
  heads: { pushed: 'a', worktree: 'a', pull: 'a' },
  heads_agree: true,
  tests: { command: 'npm test', after_last_change: true, passed: true },
  checks: 'passed',
  files: 2,
  left_out: [],
} as const;

test('what shows that the work is done, and what does not', () => {
  expect(new Set(itemsOf(good).map(([shape]) => shape))).toEqual(new Set(['completed']));
  const { tests } = good;
  const bad = {
    ...good,
    heads_agree: false,
    checks: 'failing',
    left_out: ['a.txt'],
    tests: { ...tests, after_last_change: false },
  } as const;
  expect(itemsOf(bad).filter(([shape]) => shape === 'failed')).toEqual([
    ['failed', 'worktree, push and pull differ'],
    ['failed', 'npm test passed, before the last change'],
    ['failed', 'checks failing'],
    ['failed', 'in no commit: a.txt'],
  ]);
  // What nobody knows is not said to be good.
  const unknown = { ...good, heads_agree: null, tests: { ...tests, passed: null }, checks: 'unknown', files: null } as const;
  expect(itemsOf(unknown).map(([shape]) => shape)).toEqual(['idle', 'idle']);
  expect(itemsOf({ ...unknown, tests: null, checks: null })).toEqual([['idle', 'no tests were seen to run']]);
});
