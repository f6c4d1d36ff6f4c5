import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type GitWorld, makeGitWorld, NEVER, pendingTask } from '../../../../test/support/git/git-workspaces.ts';
import { PortError } from '../../../engine/ports/error.ts';

let world: GitWorld;
beforeEach(() => {
  world = makeGitWorld({ remote: true });
});
afterEach(() => world.remove());

const failure = async (work: Promise<unknown>): Promise<PortError> => {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof PortError) return error;
  throw new Error(`no PortError, but ${String(error)}`);
};
const branchOf = (tree: string): string => world.git(['symbolic-ref', '--short', 'HEAD'], tree);

describe('a worktree from every starting position', () => {
  test('missing: made from the base, without a checkout of what others push later', async () => {
    const first = world.git(['rev-parse', 'main']);
    expect(await world.ensure()).toEqual({ path: world.tree, baseCommit: first, created: true });
    expect(branchOf(world.tree)).toBe('auto/gh-1');
    expect(world.tryGit(['config', '--get', 'branch.auto/gh-1.remote']).code).toBe(1);
  });

  test('there already: reused with all that is in it, and the base commit stays the same', async () => {
    const first = await world.ensure();
    world.write('new.txt', 'not committed', world.tree);
    world.commit('Work', { 'a.txt': 'a' }, world.tree);
    world.write('dirty.txt', 'x', world.tree);
    world.commit('Base goes on', { 'b.txt': 'b' });
    expect(await world.again().ensure(world.task, NEVER)).toEqual({ ...first, created: false });
    expect(readFileSync(join(world.tree, 'dirty.txt'), 'utf8')).toBe('x');
  });

  test('registered but gone: made anew on the same branch; detached commits of the vanished one are saved', async () => {
    await world.ensure();
    const kept = world.commit('On the branch', { 'a.txt': 'a' }, world.tree);
    world.git(['checkout', '--quiet', '--detach'], world.tree);
    const detached = world.commit('Detached', { 'b.txt': 'b' }, world.tree);
    rmSync(world.tree, { recursive: true });
    expect((await world.ensure()).created).toBe(true);
    expect(world.git(['rev-parse', 'HEAD'], world.tree)).toBe(kept);
    const [saved] = await world.spaces.listSaved('gh-1');
    expect(saved?.head).toBe(detached);
  });

  test('registered, gone and locked: the same, and other people’s vanished worktrees stay registered', async () => {
    await world.ensure();
    world.git(['worktree', 'add', '--quiet', '-b', 'mine', join(world.home, 'usb')]);
    rmSync(join(world.home, 'usb'), { recursive: true });
    world.git(['worktree', 'lock', '--reason', 'mine', world.tree]);
    rmSync(world.tree, { recursive: true });
    expect((await world.ensure()).created).toBe(true);
    expect(world.git(['worktree', 'list', '--porcelain'])).toContain(join(world.home, 'usb'));
  });

  test('locked and there: reused', async () => {
    await world.ensure();
    world.git(['worktree', 'lock', world.tree]);
    expect((await world.ensure()).created).toBe(false);
  });

  test.each(['folder', 'file', 'symlink'] as const)('a %s in the way: moved aside whole, not followed, with a note', async (what) => {
    mkdirSync(join(world.root, 'trees'));
    const outside = join(world.home, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'precious'), 'p');
    if (what === 'folder') world.write('precious', 'p', world.tree);
    else if (what === 'file') writeFileSync(world.tree, 'precious');
    else symlinkSync(outside, world.tree);
    expect((await world.ensure()).created).toBe(true);
    const [aside] = readdirSync(join(world.root, '.tac8/aside'));
    expect(aside).toMatch(/^gh-1-\d{4}-/);
    expect(readFileSync(join(outside, 'precious'), 'utf8')).toBe('p');
    if (what === 'folder') expect(readFileSync(join(world.root, '.tac8/aside', aside ?? '', 'precious'), 'utf8')).toBe('p');
    expect(readdirSync(outside)).toEqual(['precious']);
    expect(world.logged.map(({ message }) => message)).toContain('something was in the way of a worktree: moved aside');
  });

  test('registered, but a link stands in its place', async () => {
    await world.ensure();
    renameSync(world.tree, join(world.home, 'moved'));
    symlinkSync(join(world.home, 'moved'), world.tree);
    world.write('work.txt', 'w', join(world.home, 'moved'));
    expect((await world.ensure()).created).toBe(true);
    expect(readFileSync(join(world.home, 'moved/work.txt'), 'utf8')).toBe('w');
  });

  test('its .git file removed: linked again, the work stays', async () => {
    await world.ensure();
    world.write('work.txt', 'w', world.tree);
    rmSync(join(world.tree, '.git'));
    expect((await world.ensure()).created).toBe(false);
    expect(world.git(['status', '--porcelain'], world.tree)).toBe('?? work.txt');
  });

  test('the agent made a repository of its own of it: moved aside', async () => {
    await world.ensure();
    rmSync(join(world.tree, '.git'));
    world.git(['init', '--quiet'], world.tree);
    world.commit('Mine', { 'work.txt': 'w' }, world.tree);
    expect((await world.ensure()).created).toBe(true);
    const [aside] = readdirSync(join(world.root, '.tac8/aside'));
    expect(world.git(['log', '--format=%s'], join(world.root, '.tac8/aside', aside ?? ''))).toBe('Mine');
  });

  test('a checkout that is cut leaves no half-made tree, no record and no branch, and the next one is whole', async () => {
    for (let n = 0; n < 800; n += 1) world.write(`d${n % 20}/f${n}.txt`, `${n}`);
    world.git(['add', '--all']);
    world.git(['commit', '--quiet', '--message', 'Many files']);
    world.git(['push', '--quiet']);
    const wanted = new AbortController();
    const making = failure(world.spaces.ensure(world.task, wanted.signal));
    await expect.poll(() => existsSync(join(world.tree, 'd1')), { timeout: 10_000, interval: 1 }).toBe(true);
    wanted.abort();
    expect((await making).message).toContain('given up');
    expect(existsSync(world.tree)).toBe(false);
    expect(readdirSync(join(world.root, '.git/worktrees'))).toEqual([]);
    expect(world.tryGit(['rev-parse', '--verify', '--quiet', 'auto/gh-1']).code).toBe(1);
    expect(existsSync(join(world.root, '.tac8/aside'))).toBe(false);
    expect((await world.ensure()).created).toBe(true);
    expect(world.git(['status', '--porcelain'], world.tree)).toBe('');
  });

  test('git was killed while making it', async () => {
    await world.ensure();
    writeFileSync(join(world.root, '.git/worktrees/gh-1/locked'), 'initializing');
    rmSync(join(world.tree, 'README.md'));
    expect((await world.ensure()).created).toBe(true);
    expect(existsSync(join(world.tree, 'README.md'))).toBe(true);
    rmSync(world.tree, { recursive: true });
    writeFileSync(join(world.root, '.git/worktrees/gh-1/locked'), 'initializing');
    expect((await world.ensure()).created).toBe(true);
  });

  test('another git, left behind by a killed daemon, is making it still: left alone', async () => {
    await world.ensure();
    writeFileSync(join(world.root, '.git/worktrees/gh-1/locked'), 'initializing');
    const git = spawn('sleep', ['64.5'], {
      argv0: 'git',
      env: { PATH: process.env.PATH ?? '', GIT_WORK_TREE: world.tree },
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => git.on('close', resolve));
    expect(await failure(world.ensure())).toMatchObject({ sort: 'retryable', message: expect.stringContaining('another git') });
    git.kill('SIGKILL');
    await ended;
    expect((await world.ensure()).created).toBe(true);
  });

  test('the branch exists with commits: continued, never reset', async () => {
    await world.ensure();
    const mine = world.commit('Work', { 'a.txt': 'a' }, world.tree);
    world.git(['worktree', 'remove', '--force', world.tree]);
    const { baseCommit } = await world.ensure();
    expect(world.git(['rev-parse', 'auto/gh-1'])).toBe(mine);
    expect(baseCommit).toBe(world.git(['rev-parse', 'main']));
  });

  test('the branch exists at the remote alone: continued', async () => {
    const theirs = world.commit('Elsewhere', { 'a.txt': 'a' });
    world.git(['push', '--quiet', 'origin', 'HEAD:refs/heads/auto/gh-1']);
    world.git(['reset', '--quiet', '--hard', 'HEAD~1']);
    world.git(['update-ref', '-d', 'refs/remotes/origin/auto/gh-1']);
    await world.ensure();
    expect(world.git(['rev-parse', 'HEAD'], world.tree)).toBe(theirs);
  });

  test('the base went on at the remote: the worktree starts from there, with nothing of the older one in it', async () => {
    const before = world.commit('To be taken away', { 'old.txt': 'old', 'both.txt': 'before' });
    world.git(['push', '--quiet', 'origin', 'HEAD:main']);
    world.git(['rm', '--quiet', 'old.txt']);
    const after = world.commit('Goes on', { 'new.txt': 'new', 'both.txt': 'after' });
    world.git(['push', '--quiet', 'origin', 'HEAD:main']);
    world.git(['reset', '--quiet', '--hard', before]);
    world.git(['update-ref', 'refs/remotes/origin/main', before]);
    expect(await world.ensure()).toEqual({ path: world.tree, baseCommit: after, created: true });
    expect(world.git(['rev-parse', 'auto/gh-1'])).toBe(after);
    expect(world.git(['status', '--porcelain'], world.tree)).toBe('');
    expect(readFileSync(join(world.tree, 'both.txt'), 'utf8')).toBe('after');
    expect(existsSync(join(world.tree, 'old.txt'))).toBe(false);
  });

  test('the branch is checked out elsewhere: says where', async () => {
    const other = join(world.home, 'other');
    world.git(['worktree', 'add', '--quiet', '-b', 'auto/gh-1', other]);
    const error = await failure(world.ensure());
    expect(error.sort).toBe('terminal');
    expect(error.message).toContain(other);
    world.git(['worktree', 'remove', other]);
    world.git(['checkout', '--quiet', 'auto/gh-1']);
    expect((await failure(world.ensure())).message).toContain(`checked out in ${world.root}`);
  });

  test('a branch named like the prefix is in the way: git’s words and a hint', async () => {
    world.git(['branch', 'auto']);
    const error = await failure(world.ensure());
    expect(error.sort).toBe('terminal');
    expect(error.hint).toContain('branch_prefix');
  });

  test('twice at once: one makes it, the other finds it', async () => {
    const both = await Promise.all([world.ensure(), world.again().ensure(world.task, NEVER)]);
    expect(both.map(({ created }) => created).sort()).toEqual([false, true]);
  });

  test('twenty at once', async () => {
    const ids = Array.from({ length: 20 }, (_, n) => pendingTask(`gh-${n + 10}`));
    const made = await Promise.all(ids.map((task) => world.spaces.ensure(task, NEVER)));
    expect(made.every(({ created }) => created)).toBe(true);
    expect((await world.spaces.list()).length).toBe(20);
  });

  test('an agent left it on another branch: back on the task’s, with its commits', async () => {
    await world.ensure();
    world.git(['checkout', '--quiet', '-b', 'fix-it'], world.tree);
    const work = world.commit('Work', { 'a.txt': 'a' }, world.tree);
    await world.ensure();
    expect(branchOf(world.tree)).toBe('auto/gh-1');
    expect(world.git(['rev-parse', 'HEAD'], world.tree)).toBe(work);
  });
});
