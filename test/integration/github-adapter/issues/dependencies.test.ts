import { describe, expect, it } from 'vitest';
import { LABEL, patience, signal, useGitHub } from '../world.ts';

const world = useGitHub();
const PATH = /dependencies/;

describe('what an issue depends on', () => {
  /** An issue with the label, and so many others that block it. */
  async function blocked(by: number): Promise<readonly [number, readonly number[]]> {
    await world.start();
    const number = world.github.createIssue('alice', { title: 'Later', labels: [LABEL] });
    const blockers = Array.from({ length: by }, (_, n) => world.github.createIssue('alice', { title: `First ${n}` }));
    for (const one of blockers) world.github.block('alice', number, one);
    return [number, blockers];
  }

  it('is told by the list: how many, and how many of them are open', async () => {
    const [number, [first = 0]] = await blocked(2);
    const forge = world.connect();
    expect(await forge.issues(LABEL, signal)).toMatchObject([{ number, dependencies: { open: 2, total: 2 } }]);
    world.github.closeIssue('alice', first);
    expect(await forge.issues(LABEL, signal)).toMatchObject([{ dependencies: { open: 1, total: 2 } }]);
    expect(await forge.issue(number, signal)).toMatchObject({ dependencies: { open: 1, total: 2 } });
    expect(world.requests('GET', PATH)).toHaveLength(0);
  });

  it.each([
    ['has none', undefined],
    ['has null', null],
  ])('is not told by a server whose list %s', async (_, summary) => {
    await world.start();
    const number = world.github.createIssue('alice', { title: 'One', labels: [LABEL] });
    const url = `${world.github.url}/repos/acme/widgets/issues/${number}`;
    const shown = (await (await fetch(url, { signal: AbortSignal.timeout(10_000) })).json()) as object;
    const body = [{ ...shown, issue_dependencies_summary: summary }];
    world.github.faults.add({ match: { path: 'issues\\?' }, kind: 'status', status: 200, body });
    const [issue] = await world.connect().issues(LABEL, signal);
    expect(issue).toMatchObject({ number });
    expect(issue).not.toHaveProperty('dependencies');
  });

  it('names them, those of other repositories in full', async () => {
    const [number, [first = 0]] = await blocked(1);
    world.github.blockElsewhere(number, { repo: 'acme/parts', number: 3, state: 'open' });
    world.github.blockElsewhere(number, { repo: 'other/widgets', number: first, state: 'closed' });
    expect(await world.connect().dependencies(number, signal)).toEqual([
      { name: `#${first}`, number: first, open: true },
      { name: 'acme/parts#3', number: null, open: true },
      { name: `other/widgets#${first}`, number: null, open: false },
    ]);
  });

  it('knows its own repository under a new name', async () => {
    const [number, [first = 0]] = await blocked(1);
    const forge = world.connect();
    await forge.issues(LABEL, signal);
    world.github.rename('gadgets');
    expect(await forge.dependencies(number, signal)).toEqual([{ name: `#${first}`, number: first, open: true }]);
  });

  it('is read over pages, and the second time for nothing', async () => {
    const [number, blockers] = await blocked(130);
    const forge = world.connect();
    const all = await forge.dependencies(number, signal);
    expect(all.map((one) => one.number)).toEqual(blockers);
    const before = world.requests('GET', PATH).length;
    expect(await forge.dependencies(number, signal)).toHaveLength(130);
    const again = world.requests('GET', PATH).slice(before);
    expect(again.map(({ status }) => status)).toEqual(again.map(() => 304));
    world.github.closeIssue('alice', blockers[129] ?? 0);
    expect((await forge.dependencies(number, signal)).filter(({ open }) => !open)).toHaveLength(1);
  });

  it.each([
    [{ kind: 'status', status: 502, times: null }, 'retryable'],
    [{ kind: 'status', status: 404 }, 'terminal'],
    [{ kind: 'status', status: 410 }, 'terminal'],
    [{ kind: 'secondary-limit' }, 'limited'],
    [{ kind: 'cut-body', times: null }, 'retryable'],
    [{ kind: 'hang', times: null }, 'retryable'],
  ] as const)('is never "nothing" when the answer does not come: %j', async (fault, sort) => {
    const [number] = await blocked(1);
    const forge = world.connect({ ...patience(fault.kind) });
    await forge.issues(LABEL, signal);
    world.github.faults.add({ match: { path: 'dependencies' }, ...fault });
    await expect(forge.dependencies(number, signal)).rejects.toMatchObject({ sort });
  });
});
