import { describe, expect, test } from 'vitest';
import type { FaultRequest } from '../../../src/forge-fake/state/faults.ts';
import { signal, useGitHub, useGlances } from './world.ts';

const world = useGitHub();
const look = useGlances(world);
const { rest, openPull, poll, later } = look;

describe('where the glance fails', () => {
  const list = () => world.requests('GET', /\/pulls\?/).length;
  const glances = () => world.requests('POST', /graphql/).length;
  const fails = (fault: Omit<FaultRequest, 'match'>): void =>
    void world.github.faults.add({ match: { method: 'POST', path: /graphql/ }, ...fault });

  test.each([
    ['no GraphQL', { status: 404, body: { message: 'Not Found' } }],
    [
      'an older schema',
      {
        status: 200,
        body: { errors: [{ type: 'undefinedField', message: "Field 'mergeStateStatus' doesn't exist on type 'PullRequest'" }] },
      },
    ],
  ] as const)('%s: REST serves, and it is not tried again for an hour', async (_, answer) => {
    const { number } = await openPull('auto/gh-1');
    fails({ kind: 'status', ...answer });
    expect(await poll([number])).toHaveLength(1);
    expect([list(), glances()]).toEqual([1, 1]);
    later();
    expect(await poll([number])).toHaveLength(1);
    expect([list(), glances()]).toEqual([2, 1]);
    later(3_600_000);
    await poll([number]);
    expect(glances()).toBeGreaterThan(1);
  });

  test.each([
    { kind: 'status', status: 401 },
    { kind: 'status', status: 403 },
    { kind: 'status', status: 500 },
    { kind: 'status', status: 502, body: '<html>Unicorn!</html>', times: null },
    { kind: 'reset' },
    { kind: 'hang', times: null },
    { kind: 'lost-answer' },
    { kind: 'cut-body' },
    { kind: 'short-body' },
    { kind: 'status', status: 200, body: '[]' },
    { kind: 'status', status: 200, body: { data: null, errors: [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded' }] } },
    { kind: 'status', status: 200, body: { data: { repository: { pullRequests: 7 } } } },
    {
      kind: 'status',
      status: 200,
      body: { data: { repository: null }, errors: [{ type: 'NOT_FOUND', path: ['repository'], message: 'x' }] },
    },
  ] as const)('%j: REST serves, whatever was known before', { timeout: 60_000 }, async (fault) => {
    const { number, commit } = await openPull('auto/gh-1');
    world.github.setCheck(number, { name: 'build', conclusion: 'failure' });
    look.forge = world.connect({ timeoutMs: fault.kind === 'hang' ? 1_000 : 10_000 });
    await poll([number]);
    await world.github.mergePull('alice', number);
    const two = await openPull('auto/gh-2');
    later();
    fails(fault);
    const before = list();
    expect((await poll([number])).map((pull) => pull.number)).toEqual([two.number]);
    expect(list()).toBeGreaterThan(before);
    expect(await look.forge.checks(commit, signal)).toMatchObject({ checks: [{ name: 'build' }] });
    world.github.faults.remove();
    later(3_600_001);
    expect((await poll([number])).map((pull) => pull.number)).toEqual([two.number]);
    later();
    const asked = list();
    expect((await poll([two.number])).map((pull) => pull.number)).toEqual([two.number]);
    expect(list()).toBe(asked);
  });

  test('asks for fewer at once where the server runs out of time', async () => {
    const pulls: number[] = [];
    for (let n = 0; n < 30; n += 1) pulls.push((await openPull(`auto/gh-${n}`)).number);
    await poll(pulls);
    later();
    fails({ kind: 'status', status: 502, body: '<html>Unicorn!</html>' });
    const before = glances();
    const asked = list();
    expect(await poll(pulls)).toHaveLength(30);
    // The one that failed, and two for 25 and 5; the third is of what the first look could not know.
    expect(glances() - before).toBeGreaterThanOrEqual(3);
    expect(list()).toBe(asked);
  });

  test.each([
    [
      'a part of it is refused',
      (pull: object) => ({
        pull: { ...pull, statusCheckRollup: null },
        errors: [{ type: 'FORBIDDEN', message: 'Resource not accessible', path: ['repository', 'ALIAS', 'statusCheckRollup'] }],
      }),
    ],
    ['it has a field of another kind', (pull: object) => ({ pull: { ...pull, wanting: { totalCount: 'many' } }, errors: [] })],
    [
      'a check of it is odd',
      (pull: object) => ({
        pull: { ...pull, statusCheckRollup: { contexts: { pageInfo: { hasNextPage: false }, nodes: [{ __typename: 'Rune' }] } } },
        errors: [],
      }),
    ],
    [
      'it has more checks than one answer holds',
      (pull: object) => ({
        pull: { ...pull, statusCheckRollup: { contexts: { pageInfo: { hasNextPage: true }, nodes: [] } } },
        errors: [],
      }),
    ],
    ['it is gone', () => ({ pull: null, errors: [{ type: 'NOT_FOUND', message: 'x', path: ['repository', 'ALIAS'] }] })],
  ])('one odd record costs that record: %s', async (_, spoil) => {
    const [odd, good] = [await openPull('auto/gh-1'), await openPull('auto/gh-2')];
    for (const { number } of [odd, good]) world.github.setCheck(number, { name: 'build', conclusion: 'success' });
    await poll([odd.number, good.number]);
    const sent = world.requests('POST', /graphql/).at(-1)?.request;
    const answer = await fetch(`${world.github.url}/graphql`, {
      method: 'POST',
      body: JSON.stringify(sent),
      headers: { authorization: `Bearer ${world.github.token('tac8')}` },
    });
    const { data } = (await answer.json()) as { data: { repository: Record<string, object> } };
    const alias = `p${odd.number}`;
    const { pull, errors } = spoil(data.repository[alias] ?? {});
    const body = {
      data: { repository: { ...data.repository, [alias]: pull } },
      errors: JSON.parse(JSON.stringify(errors).replace('ALIAS', alias)),
    };
    fails({ kind: 'status', status: 200, body });
    later();
    await poll([odd.number, good.number]);
    const asked = rest();
    expect((await look.forge.checks(good.commit, signal)).checks).toHaveLength(1);
    expect(rest()).toBe(asked);
    expect((await look.forge.checks(odd.commit, signal)).checks).toHaveLength(1);
    expect(rest()).toBeGreaterThan(asked);
  });
});
