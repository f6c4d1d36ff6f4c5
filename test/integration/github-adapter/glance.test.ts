import { beforeEach, describe, expect, test } from 'vitest';
import type { GitHubForge } from '../../../src/adapters/github/forge.ts';
import type { FaultRequest } from '../../../src/forge-fake/state/faults.ts';
import { LABEL, signal, useGitHub } from './world.ts';

const world = useGitHub();
let forge: GitHubForge;
const nobodyAwaited = () => false;

beforeEach(async () => {
  await world.start();
  forge = world.connect();
});

const rest = (): number => world.github.journal.entries().filter(({ kind, method }) => kind === 'api' && method === 'GET').length;
const points = (): number =>
  world.requests('POST', /graphql/).reduce((sum, { summary = '' }) => sum + Number(/^(\d+) points/.exec(summary)?.[1] ?? 0), 0);

async function openPull(name: string): Promise<{ number: number; commit: string }> {
  const commit = await world.branch(name);
  return { number: await world.github.createPull('tac8', { title: name, head: name }), commit };
}

/** One poll as the engine makes it. */
async function poll(pulls: readonly number[]) {
  await forge.look?.({ pulls, base: null }, signal);
  return forge.openPulls(signal);
}

/** As a later second, in which what was said is sure. */
const later = (ms = 30_000): void => {
  world.clock += ms;
};

describe('a glance', () => {
  test('shows open pulls as the list does, and what becomes of them after it', async () => {
    const one = await openPull('auto/gh-1');
    const byList = await forge.openPulls(signal);
    expect(await poll([one.number])).toEqual(byList);
    const two = await openPull('auto/gh-2');
    const asked = rest();
    later();
    const seen = await poll([one.number]);
    expect(seen.map(({ number }) => number).sort()).toEqual([one.number, two.number]);
    await world.github.mergePull('alice', one.number);
    later();
    expect((await poll([one.number, two.number])).map(({ number }) => number)).toEqual([two.number]);
    expect(rest()).toBe(asked);
    const again = world.connect();
    expect(await poll([two.number])).toEqual(await again.openPulls(signal));
  });

  test('tells of checks, merging, reviews and the base what REST tells', async () => {
    const { number, commit } = await openPull('auto/gh-1');
    world.github.setCheck(number, { name: 'build', conclusion: 'failure' });
    world.github.setCheck(number, { name: 'lint', status: 'in_progress' });
    world.github.setStatus('alice', number, { context: 'ci', state: 'pending' });
    const byRest = world.connect();
    await byRest.merging(number, signal);
    const told = {
      checks: await byRest.checks?.(commit, signal),
      merging: await byRest.merging(number, signal),
      reviews: await byRest.reviews(number, signal),
      tip: await byRest.tip('main', signal),
    };
    await poll([number]);
    const asked = rest();
    const seen = {
      checks: await forge.checks?.(commit, signal),
      merging: await forge.merging(number, signal),
      reviews: await forge.reviews(number, signal),
      tip: await forge.tip('main', signal),
    };
    expect(seen).toEqual(told);
    expect(seen.checks?.checks).toHaveLength(3);
    expect(rest()).toBe(asked);
    world.github.review('alice', number, { state: 'CHANGES_REQUESTED', body: 'No.' });
    later();
    await poll([number]);
    expect(await forge.reviews(number, signal)).toMatchObject([{ author: 'alice', wantsChanges: true }]);
  });

  test('tells of a draft that is none any more, and of another head, though the pull is not said to have changed', async () => {
    const { number } = await openPull('auto/gh-1');
    world.github.makeDraft(number);
    for (let n = 0; n < 3; n += 1) {
      await poll([number]);
      later();
    }
    world.github.markReady(number);
    const asked = world.requests('GET', /\/pulls\?/).length;
    expect(await poll([number])).toMatchObject([{ number, draft: false }]);
    expect(world.requests('GET', /\/pulls\?/)).toHaveLength(asked);
  });

  test('counts for a minute, and REST is asked after it', async () => {
    const { number, commit } = await openPull('auto/gh-1');
    await poll([number]);
    later(61_000);
    const asked = rest();
    await forge.checks?.(commit, signal);
    expect(rest()).toBeGreaterThan(asked);
  });

  test('hears what is said under issues and pulls once REST has told of what was said before', async () => {
    const issue = world.github.createIssue('alice', { title: 'I' });
    const { number } = await openPull('auto/gh-1');
    const since = world.clock;
    await poll([number]);
    world.github.comment('alice', issue, '/tac8 stop');
    const heard = async (): Promise<string[]> => (await forge.orders(since - 5_000, nobodyAwaited, signal)).map(({ body }) => body);
    expect(await heard()).toEqual(['/tac8 stop']);
    const asked = rest();
    world.github.comment('alice', number, '/tac8 retry');
    world.github.comment('eve', issue, '/tac8 cancel');
    later();
    await poll([number]);
    const byRest = (await world.connect().orders(since - 5_000, nobodyAwaited, signal)).map(({ body }) => body);
    const asRest = rest();
    expect(byRest.sort()).toEqual(['/tac8 retry', '/tac8 stop']);
    expect((await heard()).sort()).toEqual(byRest);
    // Nothing but eve's right was looked up.
    expect(rest() - asRest).toBeLessThanOrEqual(1);
    expect(asRest).toBeGreaterThan(asked);
  });

  test('costs a quiet hour a point or two a poll, and REST nothing but the list of issues', { timeout: 120_000 }, async () => {
    for (let n = 0; n < 5; n += 1) world.github.createIssue('alice', { title: `I${n}`, labels: [LABEL] });
    const pulls: number[] = [];
    for (let n = 0; n < 12; n += 1) pulls.push((await openPull(`auto/gh-${n + 1}`)).number);
    const round = async (): Promise<void> => {
      await Promise.all([forge.issues(LABEL, signal), poll(pulls)]);
      await forge.tip('main', signal);
      await forge.orders(world.clock - 60_000, nobodyAwaited, signal);
      for (const pull of pulls) await forge.merging(pull, signal);
      later();
    };
    for (let n = 0; n < 3; n += 1) await round();
    const before = { points: points(), journal: world.github.journal.entries().length };
    for (let n = 0; n < 10; n += 1) await round();
    const since = world.github.journal.entries().slice(before.journal);
    expect(points() - before.points).toBe(10);
    expect(since.filter(({ method }) => method === 'GET').map(({ status }) => status)).toEqual(Array(10).fill(304));
    expect(since).toHaveLength(20);
  });

  test('follows the newest first down to what it knew, page after page', async () => {
    await poll([]);
    for (let n = 0; n < 45; n += 1) world.github.createIssue('alice', { title: `I${n}` });
    for (let n = 0; n < 25; n += 1) await openPull(`topic/${n}`);
    later();
    expect(await poll([])).toHaveLength(25);
    expect(await world.connect().openPulls(signal)).toHaveLength(25);
    const asked = world.requests('GET', /\/pulls\?/).length;
    later();
    expect(await poll([])).toHaveLength(25);
    expect(world.requests('GET', /\/pulls\?/)).toHaveLength(asked);
  });
});

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
    forge = world.connect({ timeoutMs: fault.kind === 'hang' ? 300 : 10_000 });
    await poll([number]);
    await world.github.mergePull('alice', number);
    const two = await openPull('auto/gh-2');
    later();
    fails(fault);
    const before = list();
    expect((await poll([number])).map((pull) => pull.number)).toEqual([two.number]);
    expect(list()).toBeGreaterThan(before);
    expect(await forge.checks?.(commit, signal)).toMatchObject({ checks: [{ name: 'build' }] });
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
    expect((await forge.checks?.(good.commit, signal))?.checks).toHaveLength(1);
    expect(rest()).toBe(asked);
    expect((await forge.checks?.(odd.commit, signal))?.checks).toHaveLength(1);
    expect(rest()).toBeGreaterThan(asked);
  });
});
