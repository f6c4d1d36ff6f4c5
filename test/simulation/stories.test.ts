import { describe, expect, it } from 'vitest';
import { HOUR, type Incident, MINUTE, SECOND } from './incidents/incidents.ts';
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
  'a person adds an issue twice while no daemon runs': [
    { at: SECOND, kind: 'leave', drain: false, down: 3 * HOUR },
    { at: MINUTE, kind: 'issues', count: 1, by: 'maria' },
    { at: 2 * MINUTE, kind: 'board', edit: 'add-issue', pick: 0 },
    { at: 10 * MINUTE, kind: 'board', edit: 'add-issue', pick: 0 },
  ],
  'the database is lost while workers live: each is taken up, none is started twice': [
    { at: SECOND, kind: 'issues', count: 4, by: 'maria' },
    { at: 9 * MINUTE, kind: 'board', edit: 'add', pick: 0.3 },
    { at: 10 * MINUTE, kind: 'board', edit: 'prose', pick: 0.3 },
    { at: 13 * MINUTE, kind: 'store-lost', down: 20 * SECOND },
    { at: 2 * HOUR, kind: 'issues', count: 3, by: 'maria' },
    { at: 2 * HOUR + 15 * MINUTE, kind: 'store-lost', down: 10 * MINUTE },
  ],
  'the clock is set back while issues wait for others: GitHub is not asked again and again': [
    { at: SECOND, kind: 'issues', count: 4, by: 'maria' },
    { at: 5 * MINUTE, kind: 'depend', pick: 0.5, lasts: HOUR },
    { at: 10 * MINUTE + 30 * SECOND, kind: 'jump', by: -5 * MINUTE },
  ],
  'the database is lost: what waited, ran or failed goes on from the board, and numbers of local tasks are given once': [
    { at: SECOND, kind: 'board', edit: 'add', pick: 0.3 },
    { at: 5 * MINUTE, kind: 'board', edit: 'add', pick: 0.3 },
    { at: 6 * MINUTE, kind: 'board', edit: 'cancel', pick: 0.9 },
    { at: 7 * MINUTE, kind: 'leave', drain: false, down: 3 * HOUR },
    { at: 2 * HOUR, kind: 'board', edit: 'add', pick: 0.3 },
    { at: 3 * HOUR - MINUTE, kind: 'store-lost', down: 10 * MINUTE },
    { at: 5 * HOUR, kind: 'board', edit: 'retry', pick: 0 },
    { at: 5 * HOUR + 10 * MINUTE, kind: 'board', edit: 'add', pick: 0.3 },
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
