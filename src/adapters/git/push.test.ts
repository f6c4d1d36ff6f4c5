import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type HttpRemote, serveGit } from '../../../test/support/forge/serve-git.ts';
import { type GitWorld, makeGitWorld, NEVER } from '../../../test/support/git/git-workspaces.ts';

let world: GitWorld;
beforeEach(() => {
  world = makeGitWorld({ remote: true });
});
afterEach(() => world.remove());
const push = (spaces = world.spaces) => spaces.push(world.task, NEVER);

describe('push', () => {
  test('the branch, and again without harm', async () => {
    await world.ensure();
    const commit = world.commit('Work', { 'a.txt': 'a' }, world.tree);
    expect(await push()).toEqual({ commit, remote: 'origin' });
    expect(await push()).toEqual({ commit, remote: 'origin' });
    expect(world.git(['rev-parse', 'auto/gh-1'], world.remote ?? '')).toBe(commit);
    expect(world.git(['rev-parse', 'refs/remotes/origin/auto/gh-1'])).toBe(commit);
  });

  test('without a remote, or without the one that is configured: only says where it stands', async () => {
    await world.ensure();
    const commit = world.commit('Work', { 'a.txt': 'a' }, world.tree);
    expect(await push(world.again({ remote: null }))).toEqual({ commit, remote: null });
    world.git(['remote', 'remove', 'origin']);
    expect(await push(world.again())).toEqual({ commit, remote: null });
  });

  test('rejected: terminal, git’s own words, nothing forced', async () => {
    await world.ensure();
    world.commit('Work', { 'a.txt': 'a' }, world.tree);
    await push();
    const there = world.git(['rev-parse', 'auto/gh-1'], world.remote ?? '');
    world.git(['commit', '--quiet', '--amend', '-m', 'Other'], world.tree);
    await expect(push()).rejects.toMatchObject({ name: 'PortError', sort: 'terminal', message: expect.stringContaining('[rejected]') });
    expect(world.git(['rev-parse', 'auto/gh-1'], world.remote ?? '')).toBe(there);
  });

  test('a history written anew takes the place of what was pushed last; commits of anybody else stay, and are named', async () => {
    await world.ensure();
    const first = world.commit('Work', { 'a.txt': 'a' }, world.tree);
    await push();
    const there = () => world.git(['rev-parse', 'auto/gh-1'], world.remote ?? '');
    world.git(['commit', '--quiet', '--amend', '-m', 'Other'], world.tree);
    const second = world.git(['rev-parse', 'HEAD'], world.tree);
    // Without a word of what was pushed last, and where something else is there by now, nothing is replaced.
    await expect(push()).rejects.toMatchObject({ sort: 'terminal' });
    expect(await world.spaces.push(world.task, NEVER, undefined, null)).toMatchObject({ overtaken: { commit: first } });
    expect(there()).toBe(first);
    expect(await world.spaces.push(world.task, NEVER, undefined, first)).toEqual({ commit: second, remote: 'origin' });
    expect(there()).toBe(second);

    const other = `${world.home}/other`;
    world.git(['clone', '--quiet', '--branch', 'auto/gh-1', world.remote ?? '', other], world.home);
    const theirs = world.commit('Theirs', { 'b.txt': 'b' }, other);
    world.git(['push', '--quiet'], other);
    const third = world.commit('Mine', { 'c.txt': 'c' }, world.tree);
    const author = world.git(['log', '-1', '--format=%an'], other);
    expect(await world.spaces.push(world.task, NEVER, undefined, second)).toEqual({
      ...{ commit: third, remote: null },
      overtaken: { commit: theirs, by: [author] },
    });
    expect(there()).toBe(theirs);
    expect(world.git(['rev-parse', 'refs/remotes/origin/auto/gh-1'])).toBe(theirs);
    world.git(['rebase', '--quiet', 'origin/auto/gh-1'], world.tree);
    expect(await world.spaces.push(world.task, NEVER, undefined, second)).toMatchObject({ remote: 'origin' });
    expect(world.git(['merge-base', theirs, there()], world.tree)).toBe(theirs);
  });

  test('no branch; a hook at the remote that says no', async () => {
    await expect(push()).rejects.toMatchObject({ sort: 'terminal', message: expect.stringContaining('auto/gh-1') });
    await world.ensure();
    world.commit('Work', { 'a.txt': 'a' }, world.tree);
    const hook = join(world.remote ?? '', 'hooks/pre-receive');
    writeFileSync(hook, '#!/bin/sh\necho not on sundays >&2\nexit 1\n');
    chmodSync(hook, 0o755);
    await expect(push()).rejects.toMatchObject({ sort: 'terminal', message: expect.stringContaining('not on sundays') });
  });

  test('a pre-push hook of the repository does not run', async () => {
    await world.ensure();
    world.write('.git/hooks/pre-push', `#!/bin/sh\ntouch ${join(world.home, 'ran')}\nexit 1\n`);
    chmodSync(join(world.root, '.git/hooks/pre-push'), 0o755);
    await push();
    expect(existsSync(join(world.home, 'ran'))).toBe(false);
  });
});

describe('over http with a token', () => {
  const header = `Basic ${Buffer.from('x-access-token:secret-token').toString('base64')}`;
  let remote: HttpRemote;
  beforeEach(async () => {
    remote = await serveGit(world.home, header);
    world.git(['config', 'http.receivepack', 'true'], world.remote ?? '');
    world.git(['remote', 'set-url', 'origin', remote.url]);
  });
  afterEach(() => remote.close());
  const withToken = (more = {}) =>
    world.again({ login: { host: new URL(remote.url).host, user: 'x-access-token', password: async () => 'secret-token' }, ...more });

  test('fetches and pushes; the token is in no file', async () => {
    const spaces = withToken();
    expect(await spaces.refresh()).toBeNull();
    await spaces.ensure(world.task, NEVER);
    const commit = world.commit('Work', { 'a.txt': 'a' }, world.tree);
    expect(await push(spaces)).toEqual({ commit, remote: 'origin' });
    expect(world.git(['rev-parse', 'auto/gh-1'], world.remote ?? '')).toBe(commit);
    expect(remote.seen.some(({ authorization }) => authorization === header)).toBe(true);
    expect(remote.seen.every(({ authorization }) => authorization === undefined || authorization === header)).toBe(true);
    expect(world.tryGit(['grep', '-r', '--no-index', 'c2VjcmV0', world.root]).code).toBe(1);
    expect(readFileSync(join(world.root, '.git/config'), 'utf8')).not.toContain('c2VjcmV0');
  });

  test('a login is only for its host: another one is asked without it', async () => {
    const spaces = withToken({ login: { host: 'github.com', user: 'x-access-token', password: async () => 'secret-token' } });
    await spaces.ensure(world.task, NEVER);
    world.commit('Work', { 'a.txt': 'a' }, world.tree);
    await expect(push(spaces)).rejects.toMatchObject({ sort: 'retryable', hint: expect.stringContaining('does not accept the login') });
    expect(remote.seen.length).toBeGreaterThan(0);
    expect(remote.seen.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  test.each([
    // A login is mended outside of the task: its work waits.
    [401, 'retryable'],
    [403, 'terminal'],
    [404, 'terminal'],
    [429, 'retryable'],
    [503, 'retryable'],
  ] as const)('%i is %s', async (status, sort) => {
    await withToken().ensure(world.task, NEVER);
    remote.status = status;
    await expect(push(withToken())).rejects.toMatchObject({ name: 'PortError', sort });
  });

  test('a server that hangs: ended at the time limit, retryable; a wish withdrawn: at once', async () => {
    await withToken().ensure(world.task, NEVER);
    remote.status = 'hang';
    await expect(push(withToken({ gitTimeoutMs: () => 400 }))).rejects.toMatchObject({
      sort: 'retryable',
      message: expect.stringContaining('400 ms'),
    });
    const stop = new AbortController();
    const pushing = withToken().push(world.task, stop.signal);
    const before = remote.seen.length;
    await expect.poll(() => remote.seen.length).toBeGreaterThan(before);
    stop.abort();
    await expect(pushing).rejects.toMatchObject({ sort: 'retryable' });
  });

  test('nobody there: retryable', async () => {
    await withToken().ensure(world.task, NEVER);
    await remote.close();
    await expect(push(withToken())).rejects.toMatchObject({ sort: 'retryable' });
    rmSync(join(world.root, '.tac8'), { recursive: true });
  });
});
