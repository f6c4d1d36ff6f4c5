import { describe, expect, test } from 'vitest';
import type { LetGo } from '../../../../src/core/review/merging.ts';
import { runGit } from '../../../../src/forge-fake/state/git.ts';
import { signal, useGitHub } from '../world.ts';

/* A green pull out of the draft and to the merge, never past a rule. */

const world = useGitHub();

async function pull(rules: Parameters<typeof world.github.setRules>[0], draft = false): Promise<{ number: number; commit: string }> {
  await world.start();
  world.github.setRules(rules);
  const commit = await world.branch('auto/gh-1');
  const number = await world.github.createPull('tac8', { title: 'P', head: 'auto/gh-1', draft });
  await world.connect().merging(number, signal);
  return { number, commit };
}
const stateOf = (number: number) => world.github.state.issues.find((one) => one.number === number);
const NONE = { autoMerge: false, approvals: 0, checks: [] };

test('a draft is made ready, once', async () => {
  const { number } = await pull(NONE, true);
  const forge = world.connect();
  await forge.markReady(number, signal);
  expect(stateOf(number)?.pull?.draft).toBe(false);
  await forge.markReady(number, signal);
  expect(world.requests('POST', /graphql/)).toHaveLength(1);
});

test('what waits for rules is left to GitHub, which merges it when they are met', async () => {
  const { number, commit } = await pull({ autoMerge: true, approvals: 1, checks: ['build'] });
  const forge = world.connect();
  expect(await forge.mergeGreen(number, commit, signal)).toEqual({ kind: 'armed' });
  expect(await forge.mergeGreen(number, commit, signal)).toEqual({ kind: 'armed' });
  world.github.review('alice', number, { state: 'APPROVED' });
  await forge.openPulls(signal);
  expect(stateOf(number)?.state).toBe('open');
  world.github.setCheck(number, { name: 'build', conclusion: 'success' });
  expect(await forge.openPulls(signal)).toEqual([]);
  expect(stateOf(number)?.pull).toMatchObject({ mergedBy: 'tac8' });
});

test('where GitHub may not wait, what a rule holds back is not merged', async () => {
  const { number, commit } = await pull({ autoMerge: false, approvals: 1, checks: [] });
  expect(await world.connect().mergeGreen(number, commit, signal)).toMatchObject({
    kind: 'waits',
    why: expect.stringContaining('Auto merge is not allowed for this repository'),
  });
  expect(world.requests('PUT', /merge/)).toEqual([]);
});

test('what no rule holds back is merged when a person who may write approved this very commit', async () => {
  const { number, commit } = await pull(NONE);
  const forge = world.connect();
  const waits = { kind: 'waits', why: expect.stringContaining('nobody with write access has approved') };
  expect(await forge.mergeGreen(number, commit, signal)).toMatchObject(waits);
  for (const login of ['eve', 'trish', 'helper[bot]']) world.github.review(login, number, { state: 'APPROVED' });
  expect(await forge.mergeGreen(number, commit, signal)).toMatchObject(waits);
  world.github.review('alice', number, { state: 'APPROVED' });
  world.github.review('mona', number, { state: 'CHANGES_REQUESTED' });
  expect(await forge.mergeGreen(number, commit, signal)).toMatchObject(waits);
  world.github.review('mona', number, { state: 'APPROVED' });
  expect(await forge.mergeGreen(number, 'f'.repeat(40), signal)).toMatchObject({ why: 'it has another head by now' });
  expect(await forge.mergeGreen(number, commit, signal)).toEqual({ kind: 'merged' });
  expect(stateOf(number)).toMatchObject({ state: 'closed', pull: { mergedBy: 'tac8' } });
  expect(await forge.mergeGreen(number, commit, signal)).toMatchObject({ why: 'it is not open any more' });
});

test.each([
  ['it is merged', NONE, 'merged'],
  ['GitHub waits to merge it', { ...NONE, autoMerge: true, checks: ['unit'] }, 'armed'],
] as const)('where the branch takes no merge commits %s in another way', async (_, rules, kind) => {
  const { number, commit } = await pull({ ...rules, linear: true });
  world.github.review('alice', number, { state: 'APPROVED' });
  expect(await world.connect().mergeGreen(number, commit, signal)).toEqual({ kind });
  world.github.setCheck(number, { name: 'unit', conclusion: 'success' });
  await world.connect().openPulls(signal);
  const { pull: merged } = stateOf(number) ?? {};
  expect((await runGit(world.github.bare, ['rev-list', '--parents', '-1', merged?.mergeCommit ?? ''])).out.trim().split(' ')).toHaveLength(
    2,
  );
});

test('what GitHub refuses to merge is said, whatever its reason', async () => {
  const { number, commit } = await pull(NONE);
  world.github.review('alice', number, { state: 'APPROVED' });
  const refusals = [
    [405, 'Base branch was modified. Review and try the merge again.'],
    [403, 'Resource not accessible by personal access token'],
    [405, 'Required conversation resolution: 1 conversation is not resolved.'],
    [422, 'Repository rule violations found'],
  ] as const;
  for (const [status, message] of refusals) {
    world.github.faults.add({ match: { method: 'PUT', path: '/merge$' }, kind: 'status', status, body: { message } });
    expect(await world.connect().mergeGreen(number, commit, signal)).toMatchObject({
      kind: 'waits',
      why: expect.stringContaining(message),
    });
  }
  expect(world.requests('PUT', /\/merge$/)).toHaveLength(refusals.length);
  expect(await world.connect().mergeGreen(number, commit, signal)).toEqual({ kind: 'merged' });
});

test('so is it where an Enterprise Server has hooks of its own', async () => {
  const { number, commit } = await pull({ ...NONE, hooks: true });
  const forge = world.connect();
  expect(await forge.merging(number, signal)).toMatchObject({ merges: true, isClean: true });
  world.github.review('alice', number, { state: 'APPROVED' });
  expect(await forge.mergeGreen(number, commit, signal)).toEqual({ kind: 'merged' });
});

test('where the branch has a merge queue, an approved pull goes into it, once, and GitHub merges it from there', async () => {
  const { number, commit } = await pull({ ...NONE, queue: 'held' });
  const forge = world.connect();
  expect(await forge.mergeGreen(number, commit, signal)).toMatchObject({ kind: 'waits', why: expect.stringContaining('nobody') });
  world.github.review('alice', number, { state: 'APPROVED' });
  // What was asked for is done, and nobody hears of it.
  world.github.faults.add({ match: { method: 'POST', path: /graphql/ }, kind: 'lost-answer' });
  await expect(forge.mergeGreen(number, commit, signal)).rejects.toThrow();
  expect(await forge.mergeGreen(number, commit, signal)).toEqual({ kind: 'armed' });
  expect(stateOf(number)).toMatchObject({ state: 'open', pull: { queuedBy: 'tac8' } });
  world.github.setRules({ ...NONE, queue: 'open' });
  expect(await forge.openPulls(signal)).toEqual([]);
  expect(stateOf(number)?.pull).toMatchObject({ mergedBy: 'tac8' });
});

test('what waits for its rules before a merge queue goes through it when they are met', async () => {
  const { number, commit } = await pull({ autoMerge: true, approvals: 1, checks: [], queue: 'open' });
  const forge = world.connect();
  expect(await forge.mergeGreen(number, commit, signal)).toEqual({ kind: 'armed' });
  world.github.review('alice', number, { state: 'APPROVED' });
  expect(await forge.openPulls(signal)).toEqual([]);
  expect(stateOf(number)?.pull).toMatchObject({ mergedBy: 'tac8', queuedBy: 'tac8' });
});

test('an approval that was dismissed is none', async () => {
  const { number, commit } = await pull(NONE);
  world.github.review('alice', number, { state: 'APPROVED' });
  const review = world.github.state.reviews.at(-1) ?? expect.unreachable();
  Object.assign(review, { state: 'DISMISSED' });
  expect(await world.connect().mergeGreen(number, commit, signal)).toMatchObject({ why: expect.stringContaining('nobody') });
});

test('an approval of an earlier commit is none', async () => {
  const { number } = await pull(NONE);
  world.github.review('alice', number, { state: 'APPROVED' });
  const text = 'commit refs/heads/auto/gh-1\ncommitter T <t@t> 1800000000 +0000\ndata 1\nx\nfrom refs/heads/auto/gh-1^0\n';
  await runGit(world.github.bare, ['fast-import', '--quiet'], `${text}M 100644 inline b\ndata 1\nb\n`);
  const forge = world.connect();
  await forge.merging(number, signal);
  const { commit } = await forge.merging(number, signal);
  expect(await forge.mergeGreen(number, commit, signal)).toMatchObject({ kind: 'waits' });
});

describe('what GitHub does not merge any more', () => {
  const QUEUED = { ...NONE, queue: 'held' } as const;
  async function queued(): Promise<{
    number: number;
    forge: ReturnType<typeof world.connect>;
    gone: () => Promise<LetGo | null | undefined>;
  }> {
    const { number, commit } = await pull(QUEUED);
    const forge = world.connect();
    world.github.review('alice', number, { state: 'APPROVED' });
    expect(await forge.mergeGreen(number, commit, signal)).toEqual({ kind: 'armed' });
    return { number, forge, gone: async () => (await forge.letGo([number, 999], signal)).get(number) };
  }

  test.each([
    ['failed_checks', 'checks', /^GitHub took it out of the merge queue: its checks failed there$/],
    ['CI_TIMEOUT', 'other', /did not come to their end in time/],
    ['checks_timed_out', 'other', /did not come to their end in time/],
    ['MERGE_CONFLICT', 'conflict', /it conflicts with what is before it there/],
    ['queue_cleared\u202e', 'other', /^GitHub took it out of the merge queue \(queue_cleared/],
  ] as const)('%s', async (reason, why, words) => {
    const { number, gone } = await queued();
    expect(await gone()).toBeNull();
    await world.github.dequeue(number, reason, [{ name: 'unit', conclusion: 'failure' }]);
    const seen = (await gone()) ?? expect.unreachable();
    expect(seen).toMatchObject({ why, words: expect.stringMatching(words), commit: expect.stringMatching(/^[0-9a-f]{40}$/) });
    expect(seen.words).not.toContain('\u202e');
    expect(await world.connect().failures(seen.commit ?? '', signal)).toMatchObject([{ name: 'unit' }]);
  });

  test('a person who takes it out is named; put in again, it is on its way again', async () => {
    const { number, forge, gone } = await queued();
    await world.github.dequeue(number, 'manual', [], 'alice');
    expect(await gone()).toMatchObject({ why: 'person', words: 'alice took it out of the merge queue' });
    await forge.mergeGreen(number, world.github.state.issues.find((one) => one.number === number)?.pull?.head.sha ?? '', signal);
    expect(await gone()).toBeNull();
  });

  test('what is merged was not let go, though it has left the queue', async () => {
    const { number, gone } = await queued();
    await world.github.dequeue(number, 'merged');
    expect(await gone()).toBeNull();
  });

  test('auto-merge that a person switches off', async () => {
    const { number, commit } = await pull({ autoMerge: true, approvals: 1, checks: [] });
    const forge = world.connect();
    await forge.mergeGreen(number, commit, signal);
    expect([...(await forge.letGo([number], signal))]).toEqual([[number, null]]);
    world.github.disableAutoMerge('mona', number);
    expect((await forge.letGo([number], signal)).get(number)).toMatchObject({ why: 'person', words: 'mona switched auto-merge off' });
    // One that nobody ever asked for has not been let go.
    await world.branch('auto/gh-2');
    const other = await world.github.createPull('tac8', { title: 'Q', head: 'auto/gh-2' });
    expect([...(await forge.letGo([number, other], signal)).values()]).toMatchObject([{ why: 'person' }, null]);
    expect(world.requests('POST', /graphql/).filter(({ request }) => JSON.stringify(request).includes('LetGo'))).toHaveLength(3);
  });
});
