import { expect, test } from 'vitest';
import { runGit } from '../../../src/forge-fake/state/git.ts';
import { signal, useGitHub } from './world.ts';

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
