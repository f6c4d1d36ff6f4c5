import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FakeGitHub } from '../../../src/forge-fake/server.ts';
import { gitEnvironment, readBranches } from '../../../src/forge-fake/state/git.ts';
import { ask, fakeGitHub, scratch } from '../../support/forge/fake-github.ts';

const R = '/repos/acme/widgets';

interface Ran {
  readonly code: number;
  readonly err: string;
}

/** The git of somebody else: no login of this machine, no question asked. */
function git(cwd: string, ...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile('git', args, { cwd, env: gitEnvironment(cwd), timeout: 15_000 }, (error, _out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), err });
    });
  });
}

const withToken = (fake: FakeGitHub, login: string, url = fake.cloneUrl): string =>
  url.replace('://', `://x-access-token:${fake.token(login)}@`);

async function cloneWithCommit(url: string, branch: string): Promise<string> {
  const dir = join(await scratch(), 'clone');
  expect(await git('/', 'clone', '--quiet', url, dir)).toMatchObject({ code: 0 });
  await git(dir, 'checkout', '--quiet', '-b', branch);
  await writeFile(join(dir, `${branch.replaceAll('/', '-')}.txt`), `${branch}\n`);
  await git(dir, 'add', '.');
  expect(await git(dir, 'commit', '--quiet', '-m', `Work on ${branch}`)).toMatchObject({ code: 0 });
  return dir;
}

describe('git over HTTP', () => {
  it('clones without a token and pushes with one', async () => {
    const fake = await fakeGitHub();
    const dir = await cloneWithCommit(fake.cloneUrl, 'auto/gh-1');
    const refused = await git(dir, 'push', 'origin', 'auto/gh-1');
    expect(refused).toMatchObject({ code: 128, err: expect.stringContaining('could not read Username') });
    const wrong = await git(dir, 'push', fake.cloneUrl.replace('://', '://x:wrong@'), 'auto/gh-1');
    expect(wrong.code).toBe(128);
    const reader = await git(dir, 'push', withToken(fake, 'rea'), 'auto/gh-1');
    expect(reader).toMatchObject({ code: 128, err: expect.stringContaining('Permission to acme/widgets.git denied to rea') });
    expect((await readBranches(fake.bare)).has('auto/gh-1')).toBe(false);
    expect(await git(dir, 'push', withToken(fake, 'wil'), 'auto/gh-1')).toMatchObject({ code: 0 });
    expect((await readBranches(fake.bare)).has('auto/gh-1')).toBe(true);
    expect(fake.journal.entries().at(-1)).toMatchObject({
      kind: 'git',
      user: 'wil',
      pushes: [{ ref: 'refs/heads/auto/gh-1', done: true }],
    });
  });

  it('asks for a token before it shows a private repository', async () => {
    const fake = await fakeGitHub({ repo: { owner: 'acme', name: 'widgets', private: true } });
    const dir = await scratch();
    expect((await git(dir, 'clone', fake.cloneUrl, 'a')).code).toBe(128);
    expect(await git(dir, 'clone', withToken(fake, 'fay'), 'b')).toMatchObject({ code: 128, err: expect.stringContaining('not found') });
    expect((await git(dir, 'clone', withToken(fake, 'rea'), 'c')).code).toBe(0);
    expect((await git(dir, 'clone', '--depth=1', '--filter=blob:none', withToken(fake, 'rea'), 'd')).code).toBe(0);
  });

  it('takes eight pushes at once, and lets one of two to the same branch win', async () => {
    const fake = await fakeGitHub();
    const names = Array.from({ length: 8 }, (_, index) => `auto/gh-${index + 1}`);
    const clones = await Promise.all(names.map((name) => cloneWithCommit(fake.cloneUrl, name)));
    const pushed = await Promise.all(clones.map((dir, index) => git(dir, 'push', withToken(fake, 'wil'), names[index] ?? '')));
    expect(pushed.map((one) => one.code)).toEqual(names.map(() => 0));
    expect([...(await readBranches(fake.bare)).keys()].sort()).toEqual([...names, 'main']);

    const race = await Promise.all(
      clones.slice(0, 2).map((dir, index) => git(dir, 'push', withToken(fake, 'wil'), `${names[index]}:main-next`)),
    );
    expect(race.map((one) => one.code).sort()).toEqual([0, 1]);
    const done = fake.journal
      .entries()
      .flatMap((entry) => entry.pushes ?? [])
      .filter((push) => push.ref === 'refs/heads/main-next' && push.done);
    expect(done).toHaveLength(1);
  });

  it('refuses a protected branch with a reason', async () => {
    const fake = await fakeGitHub({ protect: ['main'] });
    const dir = await cloneWithCommit(fake.cloneUrl, 'x');
    const { code, err } = await git(dir, 'push', withToken(fake, 'ana'), 'x:main');
    expect([code, err]).toEqual([1, expect.stringContaining('GH006')]);
    expect(fake.journal.entries().at(-1)).toMatchObject({ pushes: [{ ref: 'refs/heads/main', done: false }] });
  });

  it('follows a pull: a new head, a merge, a deleted branch, closing keywords', async () => {
    const fake = await fakeGitHub();
    fake.createIssue('wil', { title: 'One' });
    const dir = await cloneWithCommit(fake.cloneUrl, 'auto/gh-1');
    await git(dir, 'push', withToken(fake, 'wil'), 'auto/gh-1');
    const number = await fake.createPull('wil', { title: 'P', head: 'auto/gh-1', body: 'Closes #1' });
    const sha = async (): Promise<string> => (await ask(fake, 'GET', `${R}/pulls/${number}`)).json.head.sha;
    const before = await sha();
    await writeFile(join(dir, 'more.txt'), 'more\n');
    await git(dir, 'add', '.');
    await git(dir, 'commit', '--quiet', '-m', 'More');
    await git(dir, 'push', withToken(fake, 'wil'), 'auto/gh-1');
    expect(await sha()).not.toBe(before);
    expect((await ask(fake, 'GET', `${R}/pulls/${number}`)).json).toMatchObject({ commits: 2, changed_files: 2, mergeable: true });
    await fake.mergePull('wil', number);
    expect((await ask(fake, 'GET', `${R}/issues/1`)).json).toMatchObject({ state: 'closed', closed_by: { login: 'wil' } });
    expect((await ask(fake, 'GET', `${R}/pulls/${number}`)).json).toMatchObject({ merged: true, state: 'closed', commits: 2 });

    await git(dir, 'push', withToken(fake, 'wil'), 'auto/gh-1:other');
    await writeFile(join(dir, 'third.txt'), 'third\n');
    await git(dir, 'add', '.');
    await git(dir, 'commit', '--quiet', '-m', 'Third');
    await git(dir, 'push', withToken(fake, 'wil'), 'HEAD:other');
    const second = await fake.createPull('wil', { title: 'Q', head: 'other' });
    await git(dir, 'push', withToken(fake, 'wil'), ':other');
    expect((await ask(fake, 'GET', `${R}/pulls/${second}`)).json).toMatchObject({ merged: false, state: 'closed' });
  });

  it('redirects a clone after a rename, and loses the answer of a push that it took', async () => {
    const fake = await fakeGitHub();
    fake.rename('gadgets');
    const dir = await cloneWithCommit(fake.cloneUrl, 'x');
    fake.faults.add({ match: { path: 'receive-pack$', method: 'POST' }, kind: 'lost-answer' });
    const lost = await git(dir, 'push', withToken(fake, 'wil', `${fake.url}/acme/gadgets.git`), 'x');
    expect(lost.code).not.toBe(0);
    expect((await readBranches(fake.bare)).has('x')).toBe(true);
  });
});

describe('the pages', () => {
  it('show issues and pulls to people, with everything escaped', async () => {
    const fake = await fakeGitHub();
    fake.createIssue('wil', { title: '<script>alert(1)</script> & "more"', body: '<img src=x>' });
    fake.comment('rea', 1, 'A <b>comment</b>');
    const dir = await cloneWithCommit(fake.cloneUrl, 'auto/gh-1');
    await mkdir(join(dir, 'web'));
    await writeFile(join(dir, 'web', 'a.html'), '<script>evil()</script>\n');
    await git(dir, 'add', '.');
    await git(dir, 'commit', '--quiet', '-m', 'A <page>');
    await git(dir, 'push', withToken(fake, 'wil'), 'auto/gh-1');
    const number = await fake.createPull('wil', { title: 'Pull', head: 'auto/gh-1', body: 'Closes #1' });
    const html = { accept: 'text/html' };
    for (const [path, ...texts] of [
      ['/acme/widgets/issues', '&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;more&quot;'],
      ['/acme/widgets/issues/1', '&lt;img src=x&gt;', 'A &lt;b&gt;comment'],
      ['/acme/widgets/pulls', 'Pull', 'open'],
      [`/acme/widgets/pull/${number}`, 'Closes #1', 'A &lt;page&gt;', '+&lt;script&gt;evil()'],
      ['/', 'Pull requests'],
    ] as const) {
      const page = await ask(fake, 'GET', path, undefined, undefined, html);
      expect([path, page.status, page.headers.get('content-type')]).toEqual([path, 200, 'text/html; charset=utf-8']);
      for (const text of texts) expect(page.text).toContain(text);
      expect(page.text).not.toMatch(/<script|<img/);
    }
    expect((await ask(fake, 'GET', '/acme/widgets/issues/99', undefined, undefined, html)).status).toBe(404);
    expect((await ask(fake, 'GET', '/', 'wil')).json).toHaveProperty('rate_limit_url');
  });
});
