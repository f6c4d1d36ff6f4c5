import { describe, expect, it } from 'vitest';
import type { ChecksSummary } from '../core/review/checks.ts';
import type { ChecksSight, PullSight, PullSights } from '../core/review/pull-sights.ts';
import { pullJson } from './pull-json.ts';
import { pullWords } from './pull-words.ts';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const REF = { number: 7, url: 'https://x/7' };

const summary = (more: Partial<ChecksSummary> = {}): ChecksSummary => ({
  ...{ passed: 0, failing: 0, running: 0, other: 0, failingNames: [], withheld: [] },
  ...more,
});
const seen = (more: Partial<ChecksSummary> = {}, at = NOW): ChecksSight => ({
  ...{ summary: summary(more), at, since: at, askedAt: at, unknown: null },
});
const lost = (before: ChecksSight | null): ChecksSight => ({
  ...(before ?? { summary: null, at: null, since: NOW, askedAt: NOW }),
  unknown: { because: 'GitHub answered 502', since: NOW - 5 * MINUTE },
});
const sight = (more: Partial<PullSight> = {}): PullSight => ({
  ...{ task: 'gh-1', number: 7, state: 'open', draft: true, commit: 'c', at: NOW, checks: null },
  ...more,
});
const sights = (...all: readonly PullSight[]): PullSights => new Map(all.map((one) => [one.number, one]));
const words = (more: Partial<PullSight>): string => pullWords(REF, sights(sight(more)), NOW);

describe('a pull in words', () => {
  const mixed = { passed: 3, failing: 1, running: 1, failingNames: ['build'] };
  it.each<[string, Partial<PullSight>]>([
    ['PR #7 draft · checks: 3 passed, 1 failing (build), 1 running', { checks: seen(mixed) }],
    ['PR #7 open · checks: 2 passed', { draft: false, checks: seen({ passed: 2 }) }],
    ['PR #7 draft · checks: none', { checks: seen() }],
    ['PR #7 open · changes requested · checks: none', { draft: false, review: 'changes_requested', checks: seen() }],
    ['PR #7 draft · checks not known yet', {}],
    [
      'PR #7 open · checks: 1 passed · not merged: nobody approved it',
      { draft: false, checks: seen({ passed: 1 }), unmerged: { commit: 'c', why: 'nobody approved it', since: NOW } },
    ],
    [
      'PR #7 open · checks: 1 passed · GitHub merges it when its rules are met',
      { draft: false, checks: seen({ passed: 1 }), advanced: { step: 'merge', commit: 'c' } },
    ],
    [
      'PR #7 open · checks: 1 passed',
      {
        ...{ draft: false, checks: seen({ passed: 1 }), advanced: { step: 'merge', commit: 'b' } },
        unmerged: { commit: 'b', why: 'x', since: NOW },
      },
    ],
    ['PR #7 draft · checks: 1 passed, 1 unclear', { checks: seen({ passed: 1, other: 1 }) }],
    ['PR #7 draft · checks: 5 failing (a, b, c, …)', { checks: seen({ failing: 5, failingNames: ['a', 'b', 'c', 'd'] }) }],
    ['PR #7 draft · checks not known (the token may not read them)', { checks: seen({ withheld: ['check runs', 'commit statuses'] }) }],
    [
      'PR #7 draft · checks: 1 passed; check runs not known (the token may not read them)',
      { checks: seen({ passed: 1, withheld: ['check runs'] }) },
    ],
    ['PR #7 draft · checks: 1 passed (9 m ago)', { checks: seen({ passed: 1 }, NOW - 9 * MINUTE) }],
    ['PR #7 draft (3 h ago) · checks: 1 passed (3 h ago)', { at: NOW - 180 * MINUTE, checks: seen({ passed: 1 }, NOW - 180 * MINUTE) }],
    ['PR #7 draft · checks not known for 5 m (GitHub answered 502)', { checks: lost(null) }],
    ['PR #7 draft · checks not known (no token)', { checks: { ...lost(null), unknown: { since: NOW, because: 'no token' } } }],
    [
      'PR #7 draft · checks not known for 5 m (GitHub answered 502): 20 m ago 3 passed, 1 failing (build), 1 running',
      { checks: lost(seen(mixed, NOW - 20 * MINUTE)) },
    ],
    // What has come to its end stays as it is, and its checks say nothing any more.
    ['PR #7 merged', { state: 'merged', at: NOW - 99 * MINUTE, checks: seen(mixed) }],
    ['PR #7 closed', { state: 'closed' }],
  ])('%s', (text, more) => expect(words(more)).toBe(text));

  it('nobody has seen is a number alone', () => expect(pullWords(REF, sights(), NOW)).toBe('PR #7'));

  it('behind the newest twenty is not asked for, and says so', () => {
    const newer = Array.from({ length: 20 }, (_, n) => sight({ number: 8 + n }));
    expect(pullWords(REF, sights(sight(), ...newer), NOW)).toBe('PR #7 draft · checks not asked for: 20 newer pulls are open');
    expect(pullWords(REF, sights(sight(), ...newer.slice(1)), NOW)).toBe('PR #7 draft · checks not known yet');
  });
});

describe('a pull as JSON', () => {
  it('says what is known, and null of the rest', () => {
    expect(pullJson(REF, undefined)).toEqual({ ...REF, state: null, draft: null, review: null, commit: null, seen_at: null, checks: null });
    const { checks } = pullJson(REF, sight({ checks: lost(seen({ passed: 1 }, NOW - 20 * MINUTE)) }));
    expect(checks).toMatchObject({ known: false, state: 'passed', passed: 1, failing: 0, because: 'GitHub answered 502' });
    expect([checks?.at, checks?.since]).toEqual(['2027-01-15T07:40:00.000Z', '2027-01-15T07:55:00.000Z']);
  });
});
