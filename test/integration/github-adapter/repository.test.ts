import { describe, expect, it } from 'vitest';
import { LABEL, signal, useGitHub } from './world.ts';

const world = useGitHub();

describe('the repository', () => {
  it('says who we are and what the default branch is', async () => {
    await world.start();
    const forge = world.connect();
    expect([await forge.login(), await forge.defaultBranch()]).toEqual(['tac8', 'main']);
  });

  it('is followed when it is renamed, writes included', async () => {
    await world.start();
    const forge = world.connect();
    const number = world.github.createIssue('alice', { title: 'One', labels: [LABEL] });
    expect(await forge.issues(LABEL, signal)).toHaveLength(1);
    world.github.rename('gadgets');
    await world.branch('auto/gh-1');
    expect(await forge.issues(LABEL, signal)).toHaveLength(1);
    expect(await forge.issue(number, signal)).toMatchObject({ number });
    expect(await forge.comment(number, '<!-- m -->', 'Hello', signal)).toMatchObject({ posted: true });
    const pull = await forge.openPull({ branch: 'auto/gh-1', base: 'main', title: 'T', body: 'B', draft: true }, signal);
    expect(pull.url).toContain('/acme/gadgets/pull/');
    expect(await forge.pullsOf('auto/gh-1', signal)).toHaveLength(1);
  });

  it('follows a write when it was renamed right before', async () => {
    await world.start();
    const forge = world.connect();
    const number = world.github.createIssue('alice', { title: 'One', labels: [LABEL] });
    await forge.defaultBranch();
    world.github.rename('gadgets');
    expect(await forge.comment(number, '<!-- m -->', 'Hello', signal)).toMatchObject({ posted: true });
    expect(world.github.state.comments).toHaveLength(1);
  });

  it('is known by its number: who gets hold of its name is not handed the work', async () => {
    await world.start();
    let number: number | null = null;
    const keep = (is: number): void => {
      number = is;
    };
    const pin = { read: () => number, keep };
    const asked = world.github.createIssue('alice', { title: 'One', labels: [LABEL] });
    expect(await world.connect({ pin }).issues(LABEL, signal)).toHaveLength(1);
    expect(number).toBe(world.github.state.repo.id);
    // A rename keeps the number.
    world.github.rename('gadgets');
    expect(await world.connect({ pin }).issue(asked, signal)).not.toBeNull();
    number = 4711;
    const forge = world.connect({ pin });
    const refused = { sort: 'terminal', message: 'acme/widgets is another repository by now than the one that tac8 has worked on' };
    await expect(forge.issues(LABEL, signal)).rejects.toMatchObject(refused);
    await expect(forge.comment(asked, '<!-- m -->', 'Hello', signal)).rejects.toMatchObject(refused);
    // What a person accepts is pinned anew.
    number = null;
    expect(await forge.issues(LABEL, signal)).toHaveLength(1);
    expect(number).toBe(world.github.state.repo.id);
  });

  it('is named when GitHub does not know it', async () => {
    await world.start();
    const forge = world.connect({ repo: { owner: 'acme', name: 'nothing' } });
    await expect(forge.issues(LABEL, signal)).rejects.toMatchObject({
      sort: 'terminal',
      message: 'GitHub has no repository acme/nothing, or the token may not see it',
      hint: expect.stringContaining('repo'),
    });
  });

  it('refuses a bad token with what to do', async () => {
    await world.start();
    await expect(world.connect({ token: async () => 'ghp_wrong' }).issues(LABEL, signal)).rejects.toMatchObject({
      sort: 'terminal',
      status: 401,
      hint: expect.stringContaining('gh auth login'),
    });
  });

  it('does not tell our login without a token', async () => {
    await world.start();
    expect(await world.connect({ token: async () => null }).login()).toBeNull();
  });

  it('keeps to a primary limit until its reset, without asking meanwhile', async () => {
    await world.start({ clock: () => world.clock });
    const forge = world.connect();
    world.github.faults.add({ match: { path: '/issues' }, kind: 'primary-limit', resetSeconds: 600 });
    const refused = await forge.issues(LABEL, signal).catch((error: unknown) => error);
    expect(refused).toMatchObject({ sort: 'limited', until: forge.limits()?.until });
    expect(Math.abs((forge.limits()?.until ?? 0) - world.clock - 600_000)).toBeLessThan(2000);
    const before = world.github.journal.entries().length;
    await expect(forge.openPulls(signal)).rejects.toMatchObject({ sort: 'limited' });
    expect(world.github.journal.entries()).toHaveLength(before);
    world.clock += 602_000;
    expect(await forge.issues(LABEL, signal)).toEqual([]);
  });

  it.each([
    [403, 30, 30_000],
    [429, undefined, 60_000],
  ] as const)('keeps to a secondary limit (%i, retry-after %s)', async (status, retryAfterSeconds, wait) => {
    await world.start({ clock: () => world.clock });
    const fault = { match: { path: '/pulls' }, kind: 'secondary-limit', status } as const;
    world.github.faults.add(retryAfterSeconds === undefined ? fault : { ...fault, retryAfterSeconds });
    await expect(world.connect().openPulls(signal)).rejects.toMatchObject({ sort: 'limited', until: world.clock + wait });
  });
});
