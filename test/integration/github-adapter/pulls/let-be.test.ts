import { describe, expect, test } from 'vitest';
import { readBranches, runGit } from '../../../../src/forge-fake/state/git.ts';
import { signal, useGitHub } from '../world.ts';

/* What GitHub is not to do any more with a pull, and what becomes of the branch of one that is merged. */

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

describe('a merge that nobody wants any more', () => {
  const HELD = { ...NONE, queue: 'held' } as const;
  const WAITS = { autoMerge: true, approvals: 1, checks: [] } as const;
  const writes = () =>
    world.requests('POST', /graphql/).filter(({ request }) => /mutation.*(?:disable|dequeue)/s.test(JSON.stringify(request)));

  test.each([
    ['armed', WAITS, false],
    ['in the queue', HELD, true],
    ['armed and then in the queue', { ...WAITS, queue: 'held' }, true],
  ] as const)('%s', async (_, rules, approves) => {
    const { number, commit } = await pull(rules);
    const forge = world.connect();
    if (rules === HELD) world.github.review('alice', number, { state: 'APPROVED' });
    expect(await forge.mergeGreen(number, commit, signal)).toEqual({ kind: 'armed' });
    if (approves) world.github.review('alice', number, { state: 'APPROVED' });
    await forge.openPulls(signal);
    expect(await forge.takeBack(number, signal)).toBe(true);
    expect(stateOf(number)?.pull).toMatchObject({ autoMerge: null });
    expect(stateOf(number)?.pull).not.toHaveProperty('queuedBy');
    const before = writes().length;
    expect(await forge.takeBack(number, signal)).toBe(true);
    expect(writes()).toHaveLength(before);
    // Its rules are met, and nothing merges it.
    world.github.review('mona', number, { state: 'APPROVED' });
    world.github.setRules({ ...rules, ...('queue' in rules ? { queue: 'open' } : {}) });
    expect(await forge.openPulls(signal)).toMatchObject([{ number }]);
  });

  test('what a person has armed is theirs', async () => {
    const { number } = await pull(WAITS);
    Object.assign(stateOf(number)?.pull ?? {}, { autoMerge: { by: 'mona', method: 'merge' } });
    expect(await world.connect().takeBack(number, signal)).toBe(false);
    expect([stateOf(number)?.pull?.autoMerge?.by, writes()]).toEqual(['mona', []]);
  });

  test('so is the word of a person who has taken it back before', async () => {
    const { number, commit } = await pull(WAITS);
    const forge = world.connect();
    await forge.mergeGreen(number, commit, signal);
    world.github.disableAutoMerge('mona', number);
    expect(await forge.takeBack(number, signal)).toBe(false);
  });

  test('a server without a merge queue has auto-merge', async () => {
    const { number, commit } = await pull(WAITS);
    expect(await world.connect().mergeGreen(number, commit, signal)).toEqual({ kind: 'armed' });
    const body = { errors: [{ message: "Field 'isInMergeQueue' doesn't exist on type 'PullRequest'" }] };
    world.github.faults.add({ match: { method: 'POST', path: /graphql/ }, kind: 'status', status: 200, body });
    expect([await world.connect().takeBack(number, signal), writes().length]).toEqual([true, 1]);
  });

  test('where nobody answers, nobody says that it is taken back', async () => {
    const { number } = await pull(WAITS);
    world.github.faults.add({ match: { method: 'POST', path: /graphql/ }, kind: 'status', status: 404, times: null });
    await expect(world.connect().takeBack(number, signal)).rejects.toThrow();
  });

  test('one that is merged meanwhile is left', async () => {
    const { number, commit } = await pull(WAITS);
    const forge = world.connect();
    await forge.mergeGreen(number, commit, signal);
    world.github.review('alice', number, { state: 'APPROVED' });
    expect(await forge.openPulls(signal)).toEqual([]);
    expect(await forge.takeBack(number, signal)).toBe(false);
  });
});

describe('the branch of a merged pull', () => {
  const HEAD = 'auto/gh-1';
  const there = async () => (await readBranches(world.github.bare)).has(HEAD);
  async function merged(): Promise<{ number: number; drop: () => Promise<string | null> }> {
    const { number } = await pull(NONE);
    await world.github.mergePull('alice', number);
    return { number, drop: () => world.connect().dropBranch(number, signal) };
  }

  test('goes, and is gone when it is asked for again', async () => {
    const { drop } = await merged();
    expect([await drop(), await there(), await drop()]).toEqual([null, false, null]);
    expect(world.requests('DELETE', /./)).toHaveLength(1);
  });

  test.each([
    [
      'the pull is not merged',
      'the pull request is not merged',
      async (number: number): Promise<void> => void Object.assign(stateOf(number)?.pull ?? {}, { mergedAt: null }),
    ],
    [
      'something was pushed to it since',
      'something was pushed to it after the merge',
      async () => void (await runGit(world.github.bare, ['update-ref', `refs/heads/${HEAD}`, 'main'])),
    ],
    [
      'an open pull goes into it',
      /the open pull request #\d+ needs it/,
      async () => {
        await runGit(world.github.bare, [
          'update-ref',
          'refs/heads/on-top',
          (await runGit(world.github.bare, ['commit-tree', `${HEAD}^{tree}`, '-p', HEAD, '-m', 'x'])).out.trim(),
        ]);
        await world.github.createPull('alice', { title: 'On top', head: 'on-top', base: HEAD });
      },
    ],
    [
      'it is in another repository',
      'it is in another repository',
      async (number: number): Promise<void> => void Object.assign(stateOf(number)?.pull?.head ?? {}, { owner: 'eve' }),
    ],
  ] as const)('stays where %s', async (_, why, change) => {
    const { number, drop } = await merged();
    await change(number);
    expect(await drop()).toEqual(typeof why === 'string' ? why : expect.stringMatching(why));
    expect([await there(), world.requests('DELETE', /./)]).toEqual([true, []]);
  });
});
