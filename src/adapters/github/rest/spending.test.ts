import { expect, test } from 'vitest';
import { createSpending, purposeOf } from './spending.ts';
import type { Answer } from './wire.ts';

const at = 'https://api.github.com/repos/a/b';
const get = (path: string, method = 'GET') => ({ method, url: `${at}${path}`, headers: {} });
const graphql = (query: string, more = {}) => ({
  method: 'POST',
  url: 'https://api.github.com/graphql',
  headers: {},
  body: { query },
  ...more,
});
const said = (status: number, data: unknown = {}): Answer => ({ status, headers: {}, data });

test.each([
  ['', 'repository'],
  ['/issues?labels=x&page=2', 'issues'],
  ['/issues/7', 'issues'],
  ['/issues/7/events?per_page=100', 'rights'],
  ['/collaborators/ann/permission', 'rights'],
  ['/issues/comments?since=x', 'comments'],
  ['/issues/7/comments', 'comments'],
  ['/issues/7/dependencies/blocked_by', 'dependencies'],
  ['/pulls?head=a:b', 'pulls'],
  ['/pulls/7/reviews', 'pulls'],
  ['/commits/abc/check-runs', 'checks'],
  ['/commits/abc/status', 'checks'],
  ['/actions/jobs/7/logs', 'checks'],
])('GET %s is for %s', (path, purpose) => {
  expect(purposeOf(get(path))).toBe(purpose);
});

test('writes, questions in GraphQL, and what agents ask', () => {
  expect(purposeOf(get('/issues/7/comments', 'POST'))).toBe('writes');
  expect(purposeOf(graphql('mutation ($input: X!) { x }'))).toBe('writes');
  expect(purposeOf(graphql('query { x }'))).toBe('glance');
  expect(purposeOf(graphql('query { x }', { by: 'agents' }))).toBe('agents');
});

test('counts what costs and what does not, points as GitHub says them, and begins anew with the hour of the limit', () => {
  let now = 1_700_000_000_000;
  const spending = createSpending(() => now);
  const ends = now + 600_000;
  spending.note(get('/issues'), said(200), ends);
  spending.note(get('/issues'), said(304), ends);
  spending.note(graphql('query { x }'), said(200, { data: { rateLimit: { cost: 3 } } }), ends);
  spending.note(graphql('query { x }'), said(200, { data: null, errors: [] }), ends);
  spending.note(graphql('query { x }'), said(502, '<html>'), ends);
  spending.note(graphql('query { x }'), said(200, { data: { rateLimit: { cost: 'many' } } }), ends);
  expect(spending.read()).toEqual([
    { by: 'glance', requests: 0, unchanged: 0, points: 6 },
    { by: 'issues', requests: 1, unchanged: 1, points: 0 },
  ]);
  now += 600_000;
  expect(spending.read()).toEqual([]);
  spending.note(get('/pulls'), said(200), null);
  expect(spending.read()).toEqual([{ by: 'pulls', requests: 1, unchanged: 0, points: 0 }]);
  // A clock that was set back a day.
  now -= 86_400_000;
  spending.note(get('/issues'), said(200), null);
  expect(spending.read()).toHaveLength(1);
});
