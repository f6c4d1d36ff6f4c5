import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { FakeGitHub } from '../../src/forge-fake/server.ts';
import { fakeGitHub, scratch } from '../support/forge/fake-github.ts';

/* The fake held against a program that knows GitHub and nothing of us: Debian's own `gh`. Where it is not installed there is nothing to hold it against. */

const hasGh = await new Promise<boolean>((resolve) => execFile('gh', ['--version'], (error) => resolve(error === null)));

/** A socket that `gh` takes for its way to api.github.com: what it says goes on as it is. */
async function wayTo(fake: FakeGitHub, socket: string): Promise<void> {
  const ends = new Set<Socket>();
  const server = createServer((from) => {
    const to = connect(fake.port, '127.0.0.1');
    for (const end of [from, to]) ends.add(end.on('error', () => undefined).on('close', () => ends.delete(end)));
    from.pipe(to).pipe(from);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => {
    for (const end of ends) end.destroy();
    return new Promise<void>((resolve) => void server.close(() => resolve()));
  });
}

describe.skipIf(!hasGh)('the real gh and git', () => {
  test('list, view, create, push and comment', { timeout: 240_000 }, async () => {
    const fake = await fakeGitHub();
    const home = await scratch();
    const socket = join(home, 'gh.sock');
    await wayTo(fake, socket);
    mkdirSync(join(home, 'gh'));
    writeFileSync(join(home, 'gh', 'config.yml'), `version: "1"\nhttp_unix_socket: ${socket}\ngit_protocol: https\nprompt: disabled\n`);
    const clone = join(home, 'clone');
    const env = {
      ...{ PATH: process.env.PATH, HOME: home, GH_CONFIG_DIR: join(home, 'gh'), GH_TOKEN: fake.token('wil'), GH_REPO: 'acme/widgets' },
      ...{ GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', GH_PROMPT_DISABLED: '1', GH_NO_UPDATE_NOTIFIER: '1' },
    };
    const run = (program: string, args: readonly string[], cwd: string): Promise<string> =>
      new Promise((resolve, reject) => {
        execFile(program, [...args], { env, cwd, timeout: 60_000 }, (error, out, err) =>
          error === null ? resolve(out.trim()) : reject(new Error(`${program} ${args.join(' ')}: ${err}${out}`)),
        );
      });
    const gh = (...args: string[]) => run('gh', args, clone);
    const git = (...args: string[]) => run('git', args, clone);
    await run('git', ['clone', '--quiet', fake.cloneUrl.replace('://', `://x:${fake.token('wil')}@`), clone], home);
    // Where `gh` looks which host this is; nobody goes there.
    await git('remote', 'add', 'github', 'https://github.com/acme/widgets.git');
    await git('config', 'user.name', 'Wil');
    await git('config', 'user.email', 'wil@example.com');

    expect(await gh('issue', 'create', '--title', 'Flux capacitor', '--body', 'It leaks.')).toBe(`${fake.url}/acme/widgets/issues/1`);
    expect(JSON.parse(await gh('issue', 'list', '--json', 'number,title'))).toEqual([{ number: 1, title: 'Flux capacitor' }]);
    expect(await gh('issue', 'comment', '1', '--body', 'Look at the hose.')).toContain('/issues/1#issuecomment-');
    expect(JSON.parse(await gh('issue', 'view', '1', '--json', 'author,body,comments'))).toMatchObject({
      author: { login: 'wil' },
      body: 'It leaks.',
      comments: [{ author: { login: 'wil' }, body: 'Look at the hose.' }],
    });

    await git('switch', '--quiet', '--create', 'mend');
    await git('commit', '--quiet', '--allow-empty', '--message', 'Mend the hose');
    await git('push', '--quiet', 'origin', 'mend');
    const made = await gh('pr', 'create', '--head', 'mend', '--base', 'main', '--title', 'Mend the hose', '--body', 'Closes #1');
    expect(made).toBe(`${fake.url}/acme/widgets/pull/2`);
    await expect(gh('pr', 'create', '--head', 'mend', '--base', 'main', '--title', 'Again', '--body', 'x')).rejects.toThrow(
      /already exists/,
    );
    expect(JSON.parse(await gh('pr', 'list', '--json', 'number,headRefName,isDraft'))).toEqual([
      { number: 2, headRefName: 'mend', isDraft: false },
    ]);
    expect(await gh('pr', 'comment', '2', '--body', 'Please look.')).toContain('/pull/2#issuecomment-');
    fake.review('mai', 2, { state: 'APPROVED', body: 'Fine.' });
    expect(JSON.parse(await gh('pr', 'view', '2', '--json', 'state,comments,headRefOid,reviews'))).toMatchObject({
      state: 'OPEN',
      comments: [{ body: 'Please look.' }],
      headRefOid: await git('rev-parse', 'HEAD'),
      reviews: [{ author: { login: 'mai' }, state: 'APPROVED' }],
    });
    // What it says is what the fake has.
    expect(fake.state.comments.map(({ issue, author, body }) => [issue, author, body])).toEqual([
      [1, 'wil', 'Look at the hose.'],
      [2, 'wil', 'Please look.'],
    ]);
    await fake.mergePull('wil', 2);
    expect(JSON.parse(await gh('pr', 'view', '2', '--json', 'state,mergedBy'))).toMatchObject({
      state: 'MERGED',
      mergedBy: { login: 'wil' },
    });
    expect(JSON.parse(await gh('issue', 'view', '1', '--json', 'state'))).toEqual({ state: 'CLOSED' });
    await git('fetch', '--quiet', 'origin');
    expect(await git('log', '--format=%s', '-1', 'origin/main')).toContain('Merge pull request #2');
  });
});
