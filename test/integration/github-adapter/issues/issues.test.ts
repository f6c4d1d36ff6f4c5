import { describe, expect, it } from 'vitest';
import { LABEL, patience, signal, useGitHub } from '../world.ts';

const world = useGitHub();

describe('issues', () => {
  it('lists what bears the label, and no pulls', async () => {
    await world.start();
    const first = world.github.createIssue('alice', { title: 'One', body: 'Text\r\n<!-- hidden -->', labels: ['Bug', LABEL] });
    world.github.createIssue('alice', { title: 'No label' });
    world.github.closeIssue('alice', world.github.createIssue('alice', { title: 'Closed', labels: [LABEL] }));
    await world.branch('feature');
    world.github.label('alice', await world.github.createPull('alice', { title: 'A pull', head: 'feature' }), LABEL);
    const issues = await world.connect().issues('RPI-Auto', signal);
    expect(issues).toEqual([
      {
        number: first,
        title: 'One',
        body: 'Text\r\n<!-- hidden -->',
        author: 'alice',
        labels: ['Bug', LABEL],
        state: 'open',
        print: expect.stringMatching(/^[0-9a-f]{64}$/),
        url: `${world.github.url}/acme/widgets/issues/${first}`,
        createdAt: expect.any(Number),
        updatedAt: expect.any(Number),
        dependencies: { open: 0, total: 0 },
      },
    ]);
    expect(Math.abs((issues[0]?.createdAt ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  it.each([
    'needs: "quotes" & more',
    'a+b c%20d',
    '🚀 déjà',
    'area:docs',
    'one,two',
    "it's {odd} #1?",
  ])('finds the label %s over pages', async (label) => {
    await world.start();
    for (let n = 0; n < 120; n += 1) world.github.createIssue('alice', { title: `No. ${n}`, labels: [label] });
    world.github.createIssue('alice', { title: 'Other', labels: ['one', 'two'] });
    const issues = await world.connect().issues(label, signal);
    expect(issues).toHaveLength(120);
    expect(issues.every((issue) => issue.labels.includes(label))).toBe(true);
  });

  it('lists 299 with titles of every kind, and the second time for nothing', async () => {
    await world.start();
    const odd = [
      '"quotes" `ticks`',
      '$(rm -rf /)',
      '{{ liquid }} {% raw %}',
      '😀 ﷽',
      '--help',
      '../../etc/passwd',
      'tab\there',
      '<!-- x -->',
    ];
    const titles = Array.from({ length: 299 }, (_, n) => `${odd[n % odd.length]} ${n}`);
    for (const title of titles) world.github.createIssue('alice', { title, labels: [LABEL] });
    const forge = world.connect();
    expect((await forge.issues(LABEL, signal)).map((issue) => issue.title)).toEqual(titles);
    const spent = forge.limits()?.remaining;
    const before = world.github.journal.entries().length;
    await forge.issues(LABEL, signal);
    const statuses = world.github.journal.entries(before).map((one) => one.status);
    expect(statuses).toEqual([304, 304, 304, 304, 304]);
    expect(forge.limits()?.remaining).toBe(spent);
    world.github.closeIssue('alice', 5);
    expect(await forge.issues(LABEL, signal)).toHaveLength(298);
  });

  it.each(['hang', 'reset', 'cut-body', 'short-body'] as const)('survives %s on a page by asking again', async (kind) => {
    await world.start();
    for (let n = 0; n < 150; n += 1) world.github.createIssue('alice', { title: `No. ${n}`, labels: [LABEL] });
    world.github.faults.add({ match: { path: 'page=2' }, kind });
    expect(await world.connect(patience(kind)).issues(LABEL, signal)).toHaveLength(150);
  });

  it('is not taken in by a page with half of its items', async () => {
    await world.start();
    for (let n = 0; n < 150; n += 1) world.github.createIssue('alice', { title: `No. ${n}`, labels: [LABEL] });
    world.github.faults.add({ match: { path: '/issues' }, kind: 'partial-page' });
    expect(await world.connect().issues(LABEL, signal)).toHaveLength(150);
  });

  it.each(['cut-body', 'short-body'] as const)('throws when page 2 stays broken (%s): half a list is no list', async (kind) => {
    await world.start();
    for (let n = 0; n < 150; n += 1) world.github.createIssue('alice', { title: `No. ${n}`, labels: [LABEL] });
    world.github.faults.add({ match: { path: 'page=2' }, kind, times: null });
    await expect(world.connect().issues(LABEL, signal)).rejects.toMatchObject({ sort: 'retryable' });
  });

  it('answers one issue in any state, and null for none and for a pull', async () => {
    await world.start();
    const number = world.github.createIssue('alice', { title: 'One' });
    world.github.closeIssue('alice', number);
    await world.branch('feature');
    const pull = await world.github.createPull('alice', { title: 'A pull', head: 'feature' });
    const forge = world.connect();
    expect(await forge.issue(number, signal)).toMatchObject({ number, title: 'One', labels: [] });
    expect(await forge.issue(pull, signal)).toBeNull();
    expect(await forge.issue(999, signal)).toBeNull();
    world.github.faults.add({ match: { path: '/issues/1$' }, kind: 'status', status: 410 });
    expect(await forge.issue(number, signal)).toBeNull();
    world.github.faults.add({ match: { path: '/issues' }, kind: 'status', status: 410, times: null });
    await expect(forge.issue(number, signal)).rejects.toMatchObject({ sort: 'terminal', status: 410 });
  });

  it('tells who took the label off, or closed the issue, and the issue all the same where nobody tells who', async () => {
    await world.start();
    const [one, two, three, four] = ['One', 'Two', 'Three', 'Four'].map((title) =>
      world.github.createIssue('alice', { title, labels: ['rpi-auto'] }),
    ) as [number, number, number, number];
    world.github.unlabel('alice', one, 'rpi-auto');
    world.github.closeIssue('alice', two);
    world.github.unlabel('alice', three, 'rpi-auto');
    const forge = world.connect();
    const by = async (number: number, label?: string) => (await forge.issue(number, signal, label))?.endedBy ?? null;
    expect([await by(one, 'RPI-auto'), await by(two, 'rpi-auto'), await by(four, 'rpi-auto')]).toEqual(['alice', 'alice', null]);
    // Not asked with a label, or with one that was never on.
    expect([await by(one), await by(one, 'other')]).toEqual([null, null]);
    for (const fault of [{ kind: 'status', status: 500 }, { kind: 'status', status: 404 }, { kind: 'hang' }] as const) {
      world.github.faults.add({ match: { path: `/issues/${three}/events` }, times: null, ...fault });
      expect(await forge.issue(three, signal, 'rpi-auto')).toSatisfy((seen) => seen?.number === three && seen.endedBy === undefined);
      world.github.faults.remove();
    }
    expect(await by(three, 'rpi-auto')).toBe('alice');
  });
});
