import { expect, test } from 'vitest';
import { runGit } from '../../../../src/forge-fake/state/git.ts';
import { signal, useGitHub } from '../world.ts';

const world = useGitHub();

async function pull(): Promise<{ number: number; commit: string }> {
  await world.start();
  const commit = await world.branch('auto/gh-1');
  return { number: await world.github.createPull('tac8', { title: 'P', head: 'auto/gh-1' }), commit };
}

test('reviews count by what their author may do now, whatever they say of themselves', async () => {
  const { number } = await pull();
  const { github } = world;
  const notes = [{ path: 'a.ts', line: 3, body: 'Here.' }];
  github.review('alice', number, { state: 'CHANGES_REQUESTED', body: 'No.', notes });
  github.review('mona', number, { state: 'COMMENTED', notes });
  github.review('mona', number, { state: 'COMMENTED' });
  github.review('alice', number, { state: 'APPROVED', body: 'Fine.' });
  for (const login of ['trish', 'eve', 'helper[bot]']) github.review(login, number, { state: 'CHANGES_REQUESTED', body: 'Mine!' });
  github.review('alice', number, { state: 'COMMENTED', body: 'x <!-- tac8:comment task=gh-1 run=w-000001 -->' });
  const forge = world.connect();
  const said = [{ path: 'a.ts', line: 3, body: 'Here.' }];
  expect(await forge.reviews(number, signal)).toMatchObject([
    { author: 'alice', wantsChanges: true, body: 'No.', notes: said },
    { author: 'mona', wantsChanges: false, body: '', notes: said },
  ]);
  // Who lost the right since is not heard any more.
  world.github.addUser({ login: 'alice', role: 'read' });
  world.clock += 3_600_000;
  expect((await forge.reviews(number, signal)).map(({ author }) => author)).toEqual(['mona']);
});

test('why checks failed: what each says, and the log of GitHub’s own builds, fetched without the token', async () => {
  const { number, commit } = await pull();
  const { github } = world;
  github.setCheck(number, {
    name: 'unit',
    conclusion: 'failure',
    title: '1 failed',
    summary: 'a.test.ts',
    log: `${'x\n'.repeat(300_000)}error: it broke\n`,
  });
  github.setCheck(number, { name: 'other', conclusion: 'timed_out' });
  github.setCheck(number, { name: 'stopped', conclusion: 'cancelled' });
  github.setCheck(number, { name: 'good', conclusion: 'success', log: 'fine' });
  github.setStatus('alice', number, { context: 'deploy', state: 'error' });
  const failures = await world.connect().failures(commit, signal);
  expect(failures).toMatchObject([
    { name: 'unit', summary: '1 failed\n\na.test.ts', log: expect.stringMatching(/error: it broke\n$/) },
    { name: 'other', log: null },
    { name: 'deploy', log: null },
  ]);
  expect(failures[0]?.log?.length).toBeLessThanOrEqual(256 * 1024);
});

test('a log that cannot be had leaves the name', async () => {
  const { number, commit } = await pull();
  world.github.setCheck(number, { name: 'unit', conclusion: 'failure', log: 'error' });
  world.github.faults.add({ match: { path: /\/actions\/jobs\// }, kind: 'status', status: 403, times: null });
  expect(await world.connect().failures(commit, signal)).toEqual([{ name: 'unit', summary: '', log: null }]);
});

test('whether a pull merges: not known at first, then as GitHub works it out for its head and its base', async () => {
  const { number, commit } = await pull();
  const forge = world.connect();
  expect(await forge.merging(number, signal)).toMatchObject({ commit, merges: null, isClean: false });
  expect(await forge.merging(number, signal)).toMatchObject({ commit, base: 'main', merges: true, isClean: true });
  const base = await forge.tip('main', signal);
  expect(await forge.tip('none', signal)).toBeNull();
  const write = (branch: string, text: string) =>
    `commit refs/heads/${branch}\ncommitter T <t@t> 1800000000 +0000\ndata 1\nx\nfrom refs/heads/${branch}^0\nM 100644 inline a\ndata 1\n${text}\n`;
  await runGit(world.github.bare, ['fast-import', '--quiet'], write('main', 'm') + write('auto/gh-1', 'a'));
  expect(await forge.tip('main', signal)).not.toBe(base);
  await forge.merging(number, signal);
  expect(await forge.merging(number, signal)).toMatchObject({
    commit: await forge.tip('auto/gh-1', signal),
    merges: false,
    isClean: false,
  });
  world.github.changeIssue('alice', number, { state: 'closed' });
  expect(await forge.merging(number, signal)).toMatchObject({ merges: null });
});
