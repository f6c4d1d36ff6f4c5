import { describe, expect, it } from 'vitest';
import { type Incident, MINUTE, SECOND } from './incidents.ts';
import { simulate } from './simulate.ts';

/*
 * Stories that once broke a promise, as short as they could be told. Each must stay without a violation, whatever the seed.
 */
const STORIES: Readonly<Record<string, readonly Incident[]>> = {
  'the daemon leaves at once while a worktree is being made: git refused nothing': [
    { at: SECOND, kind: 'issues', count: 2, by: 'maria' },
    { at: 2 * SECOND, kind: 'slow', on: 'workspaces.ensure', lasts: 20 * MINUTE, by: 20 * SECOND },
    { at: 10 * MINUTE + 30 * SECOND, kind: 'leave', drain: false, down: SECOND },
  ],
};

describe('stories that went wrong once', () => {
  it.each(Object.entries(STORIES))(
    '%s',
    async (_, incidents) => {
      for (const seed of [1, 2, 3, 4, 5]) {
        const { violation, runs } = await simulate({ seed, days: 0, incidents });
        expect({ seed, violation }).toEqual({ seed, violation: null });
        expect(runs).toBeGreaterThan(0);
      }
    },
    120_000,
  );
});
