import { describe, expect, test } from 'vitest';
import { LABEL, signal, useGitHub, useGlances } from './world.ts';

const world = useGitHub();
const look = useGlances(world);
const { rest, openPull, poll, later } = look;
const nobodyAwaited = () => false;
const points = (): number =>
  world.requests('POST', /graphql/).reduce((sum, { summary = '' }) => sum + Number(/^(\d+) points/.exec(summary)?.[1] ?? 0), 0);

describe('a glance', () => {
  test('shows open pulls as the list does, and what becomes of them after it', async () => {
    const one = await openPull('auto/gh-1');
    const byList = await look.forge.openPulls(signal);
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
      checks: await byRest.checks(commit, signal),
      merging: await byRest.merging(number, signal),
      reviews: await byRest.reviews(number, signal),
      tip: await byRest.tip('main', signal),
    };
    await poll([number]);
    const asked = rest();
    const seen = {
      checks: await look.forge.checks(commit, signal),
      merging: await look.forge.merging(number, signal),
      reviews: await look.forge.reviews(number, signal),
      tip: await look.forge.tip('main', signal),
    };
    expect(seen).toEqual(told);
    expect(seen.checks?.checks).toHaveLength(3);
    expect(rest()).toBe(asked);
    world.github.review('alice', number, { state: 'CHANGES_REQUESTED', body: 'No.' });
    later();
    expect(await poll([number])).toMatchObject([{ number, review: 'changes_requested' }]);
    expect(await look.forge.reviews(number, signal)).toMatchObject([{ author: 'alice', wantsChanges: true }]);
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

  test('counts all that are open over after half an hour, and has REST list them where it missed one', async () => {
    const [one, two] = [await openPull('auto/gh-1'), await openPull('auto/gh-2')];
    for (let n = 0; n < 3; n += 1) {
      await poll([]);
      later();
    }
    const listed = () => world.requests('GET', /\/pulls\?/).length;
    const before = listed();
    later(1_800_000);
    expect(await poll([])).toHaveLength(2);
    expect(listed()).toBe(before);
    // Closed without a word: as if a change had been missed.
    Object.assign(world.github.state.issues.find((issue) => issue.number === one.number) ?? {}, { state: 'closed' });
    later();
    expect(await poll([])).toHaveLength(2);
    later(1_800_000);
    expect((await poll([])).map((pull) => pull.number)).toEqual([two.number]);
    expect(listed()).toBe(before + 1);
  });

  test('counts for a minute, and REST is asked after it', async () => {
    const { number, commit } = await openPull('auto/gh-1');
    await poll([number]);
    later(61_000);
    const asked = rest();
    await look.forge.checks(commit, signal);
    expect(rest()).toBeGreaterThan(asked);
  });

  test('hears what is said under issues and pulls once REST has told of what was said before', async () => {
    const issue = world.github.createIssue('alice', { title: 'I' });
    const { number } = await openPull('auto/gh-1');
    const since = world.clock;
    await poll([number]);
    world.github.comment('alice', issue, '/tac8 stop');
    const heard = async (): Promise<string[]> => (await look.forge.orders(since - 5_000, nobodyAwaited, signal)).map(({ body }) => body);
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

  test('hears what is said between a look in vain, after which REST told, and the next good one', async () => {
    const issue = world.github.createIssue('alice', { title: 'I' });
    const since = world.clock;
    const heard = async (): Promise<string[]> => (await look.forge.orders(since - 5_000, nobodyAwaited, signal)).map(({ body }) => body);
    world.github.faults.add({ match: { method: 'POST', path: /graphql/ }, kind: 'status', status: 500 });
    await poll([]);
    expect(await heard()).toEqual([]);
    world.github.comment('alice', issue, '/tac8 stop');
    later();
    await poll([]);
    expect(await heard()).toEqual(['/tac8 stop']);
  });

  test('costs a quiet hour a point or two a poll, and REST nothing but the list of issues', { timeout: 120_000 }, async () => {
    for (let n = 0; n < 5; n += 1) world.github.createIssue('alice', { title: `I${n}`, labels: [LABEL] });
    const pulls: number[] = [];
    for (let n = 0; n < 12; n += 1) pulls.push((await openPull(`auto/gh-${n + 1}`)).number);
    const round = async (): Promise<void> => {
      await Promise.all([look.forge.issues(LABEL, signal), poll(pulls)]);
      await look.forge.tip('main', signal);
      await look.forge.orders(world.clock - 60_000, nobodyAwaited, signal);
      for (const pull of pulls) await look.forge.merging(pull, signal);
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
