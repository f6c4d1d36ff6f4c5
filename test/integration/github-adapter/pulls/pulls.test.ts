import { describe, expect, it } from 'vitest';
import { createIssueTexts } from '../../../../src/adapters/text/issue-texts.ts';
import { runGit } from '../../../../src/forge-fake/state/git.ts';
import { patience, signal, useGitHub } from '../world.ts';

const world = useGitHub();

describe('pulls', () => {
  const wanted = { branch: 'auto/gh-1', base: 'main', title: 'Do 😀 "it"\n', body: 'Closes #1', draft: true };

  it('opens a draft once, and answers the same one ever after', async () => {
    await world.start();
    const commit = await world.branch('auto/gh-1');
    const forge = world.connect();
    const pull = await forge.openPull(wanted, signal);
    expect(await forge.openPull({ ...wanted, title: 'Other' }, signal)).toEqual(pull);
    expect(await forge.pullsOf('auto/gh-1', signal)).toEqual([
      {
        ...pull,
        updatedAt: expect.any(Number),
        title: 'Do 😀 "it"',
        body: expect.stringMatching(/^Closes #1\n\n<!-- tac8:text \w+ -->$/),
        author: 'tac8',
        state: 'open',
        draft: true,
        closes: [1],
        head: { branch: 'auto/gh-1', owner: 'acme', commit },
      },
    ]);
    expect(await forge.openPulls(signal)).toHaveLength(1);
    expect(world.requests('POST', /\/pulls$/)).toHaveLength(1);
  });

  it.each(['lost-answer', 'hang-answer', 'cut-body', 'short-body'] as const)('%s: exactly one pull, and it is found', async (kind) => {
    await world.start();
    await world.branch('auto/gh-1');
    world.github.faults.add({ match: { method: 'POST', path: '/pulls' }, kind, times: null });
    const pull = await world.connect(patience(kind)).openPull(wanted, signal);
    expect(pull).toMatchObject({ number: 1 });
    await expect.poll(() => world.requests('POST', /\/pulls$/)).toHaveLength(1);
    expect(world.github.state.issues).toHaveLength(1);
  });

  it.each([
    'reset',
    'hang',
    'status',
  ] as const)('%s before it was made: nothing is repeated blindly, the next call makes it', async (kind) => {
    await world.start();
    await world.branch('auto/gh-1');
    world.github.faults.add({ match: { method: 'POST', path: '/pulls' }, kind, ...(kind === 'status' ? { status: 502 } : {}) });
    const forge = world.connect(patience(kind));
    await expect(forge.openPull(wanted, signal)).rejects.toMatchObject({ sort: 'retryable' });
    await expect.poll(() => world.requests('POST', /\/pulls$/)).toHaveLength(1);
    expect(await forge.openPull(wanted, signal)).toMatchObject({ number: 1 });
  });

  it('a base that is gone: it is refused for good, with what to look at; a pull that is open is closed, or goes where its base went', async () => {
    await world.start();
    const commit = await world.branch('auto/gh-1');
    const git = (...args: string[]) => runGit(world.github.bare, args);
    const forge = world.connect();
    const refused = { sort: 'terminal', hint: 'Check that the base branch develop is on GitHub (base_branch in tac8.yaml).' };
    await expect(forge.openPull({ ...wanted, base: 'develop' }, signal)).rejects.toMatchObject(refused);
    await git('branch', 'develop', 'main');
    const { number } = await forge.openPull({ ...wanted, base: 'develop' }, signal);
    expect(await forge.merging(number, signal)).toMatchObject({ base: 'develop' });
    await git('branch', '-D', 'develop');
    expect(await forge.openPulls(signal)).toEqual([]);
    expect(await forge.pullsOf('auto/gh-1', signal)).toMatchObject([{ number, state: 'closed', head: { commit } }]);

    // Stacked upon another one, which is merged, and whose branch is then deleted.
    const below = await world.branch('below');
    const lower = await world.github.createPull('alice', { title: 'Below', head: 'below' });
    await git('update-ref', 'refs/heads/auto/gh-2', (await git('commit-tree', `${below}^{tree}`, '-p', below, '-m', 'on top')).out.trim());
    const upper = await forge.openPull({ ...wanted, branch: 'auto/gh-2', base: 'below' }, signal);
    await world.github.mergePull('alice', lower);
    await git('branch', '-D', 'below');
    expect(await forge.openPulls(signal)).toMatchObject([{ number: upper.number }]);
    expect(await forge.merging(upper.number, signal)).toMatchObject({ base: 'main' });
  });

  it('takes over a pull that somebody else opened, also a closed or merged one', async () => {
    await world.start();
    await world.branch('auto/gh-1');
    const theirs = await world.github.createPull('alice', { title: 'Mine', head: 'auto/gh-1' });
    const forge = world.connect();
    expect(await forge.openPull(wanted, signal)).toMatchObject({ number: theirs });
    await world.github.mergePull('alice', theirs);
    expect(await forge.openPull(wanted, signal)).toMatchObject({ number: theirs });
    expect(await forge.pullsOf('auto/gh-1', signal)).toMatchObject([{ number: theirs, state: 'merged', author: 'alice' }]);
    expect(world.requests('POST', /\/pulls$/)).toHaveLength(0);
  });

  it('reads what others close as GitHub reads it, whoever tells of them', async () => {
    await world.start();
    const { github } = world;
    const [one = 0, two = 0] = ['One', 'Two'].map((title) => github.createIssue('eve', { title }));
    await runGit(github.bare, ['branch', 'next', 'main']);
    const made: number[] = [];
    const open = async (body: string, base = 'main'): Promise<void> => {
      const head = `mine-${made.length}`;
      await world.branch(head);
      made.push(await github.createPull('alice', { title: `Fixes #${two}`, head, base, body }));
    };
    await open(`Closes #${one}.`);
    await open(`Closes #${one}`, 'next');
    await open(
      `\`\`\`\nCloses #${one}\n\`\`\`\n> fixes #${one}\n\n<!-- fixes #${one} --> acme/gadgets and \`closes #${one}\`, closes acme/gadgets#${one}`,
    );
    const texts = createIssueTexts(new URL('../../../../src/adapters/text/thread.ts', import.meta.url).pathname);
    const forge = world.connect({ prose: texts.prose });
    const told = async () => new Map((await forge.openPulls(signal)).map(({ number, closes }) => [number, closes]));
    const wanted = new Map(made.map((number, n) => [number, n === 0 ? [one] : []]));
    // By REST, and once they change by GraphQL.
    expect(await told()).toEqual(wanted);
    await forge.look({ pulls: [], base: null }, signal);
    await told();
    world.clock += 60_000;
    for (const number of made)
      Object.assign(github.state.issues.find((issue) => issue.number === number) ?? {}, {
        updatedAt: new Date(Date.now() + 5_000).toISOString(),
      });
    await forge.look({ pulls: [], base: null }, signal);
    const before = world.requests('GET', /\/pulls\?/).length;
    expect(await told()).toEqual(wanted);
    expect(world.requests('GET', /\/pulls\?/)).toHaveLength(before);
  });

  it('does not mistake the same branch name in a fork for ours', async () => {
    await world.start();
    await world.branch('auto/gh-1');
    await world.github.fork('eve');
    const theirs = await world.github.createPull('eve', { title: 'Theirs', head: 'eve:auto/gh-1' });
    const forge = world.connect();
    expect(await forge.pullsOf('auto/gh-1', signal)).toEqual([]);
    expect(await forge.openPulls(signal)).toMatchObject([{ number: theirs, head: { owner: 'eve', elsewhere: true } }]);
    expect((await forge.openPull(wanted, signal)).number).not.toBe(theirs);
  });

  it.each([
    ['no commits', 'same', 'main', /nothing to propose/],
    ['no head', 'absent', 'main', /was pushed/],
    ['no base', 'auto/gh-1', 'absent', /base_branch/],
  ])('says what is wrong: %s', async (_, head, base, hint) => {
    await world.start();
    await world.branch('auto/gh-1');
    await runGit(world.github.bare, ['branch', 'same', 'main']);
    await expect(world.connect().openPull({ ...wanted, branch: head, base }, signal)).rejects.toMatchObject({
      sort: 'terminal',
      status: 422,
      hint: expect.stringMatching(hint),
    });
  });

  it('opens one pull although two callers ask at once', async () => {
    await world.start();
    await world.branch('auto/gh-1');
    const forge = world.connect();
    const [one, two] = await Promise.all([forge.openPull(wanted, signal), forge.openPull(wanted, signal)]);
    expect(one).toEqual(two);
    expect(world.requests('POST', /\/pulls$/)).toHaveLength(1);
  });

  it('opens one pull although two daemons ask at once', async () => {
    await world.start();
    await world.branch('auto/gh-1');
    const [one, two] = await Promise.all([world.connect().openPull(wanted, signal), world.connect().openPull(wanted, signal)]);
    expect(one).toEqual(two);
    expect(world.github.state.issues).toHaveLength(1);
  });

  it('fits what is too long for GitHub', async () => {
    await world.start();
    await world.branch('auto/gh-1');
    await world.connect().openPull({ ...wanted, title: 'x'.repeat(999), body: `${'y'.repeat(99_999)}\nCloses #1` }, signal);
    expect(world.github.state.issues[0]?.title).toHaveLength(256);
    expect(world.github.state.issues[0]?.body).toMatch(/Closes #1\n\n<!-- tac8:text \w+ -->$/);
  });
});
