import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { contentOf, type GitWorld, makeGitWorld, NEVER, RUN } from '../../../../test/support/git/git-workspaces.ts';

let world: GitWorld;
let admin: string;
beforeEach(async () => {
  world = makeGitWorld({ files: { 'README.md': 'read\n', '.gitignore': 'ignored/\n', 'dir/a.txt': 'a\n' } });
  await world.ensure();
  admin = join(world.root, '.git/worktrees/gh-1');
});
afterEach(() => world.remove());

const save = (reason = 'test') => world.spaces.save(world.task, RUN, reason);
const status = (): string => world.git(['status', '--porcelain'], world.tree);
const here = (ref: string): string => world.git(['rev-parse', ref], world.tree);
/** Save, remove, put back; the git of the whole repository must stay sound. */
const thereAndBack = async (): Promise<void> => {
  await save();
  await world.spaces.remove(world.task, RUN);
  expect(existsSync(world.tree)).toBe(false);
  world.git(['reflog', 'expire', '--expire=now', '--all']);
  world.git(['gc', '--quiet', '--prune=now']);
  world.git(['fsck', '--strict', '--no-dangling']);
  await world.spaces.restore(world.task);
};

describe('a fresh branch', () => {
  const anew = () => ({ ...world.task, branch: 'auto/gh-1-2', drops: 'auto/gh-1' });
  const branches = (): string => world.git(['for-each-ref', '--format=%(refname:short)', 'refs/heads/auto']);

  test('begins at the base; the one before is gone, and all of it is saved', async () => {
    const tip = world.commit('Work', { 'w.txt': 'w' }, world.tree);
    world.write('loose.txt', 'loose', world.tree);
    await world.spaces.ensure(anew(), NEVER);
    await world.spaces.ensure(anew(), NEVER);
    expect(branches()).toBe('auto/gh-1-2');
    expect(readdirSync(world.tree).sort()).toEqual(['.git', '.gitignore', 'README.md', 'dir']);
    world.git(['reflog', 'expire', '--expire=now', '--all']);
    world.git(['gc', '--quiet', '--prune=now']);
    const saved = await world.spaces.listSaved(world.task.id);
    expect(saved).toHaveLength(2);
    expect(saved.map(({ head }) => head)).toEqual([tip, tip]);
    const to = join(world.home, 'put-back');
    await world.spaces.restore(world.task, { ref: saved.find(({ reason }) => reason.includes('fresh'))?.ref ?? '', to });
    expect(readFileSync(join(to, 'w.txt'), 'utf8')).toBe('w');
  });

  test('one that a person has checked out stays', async () => {
    world.git(['worktree', 'remove', '--force', world.tree]);
    world.git(['checkout', '--quiet', 'auto/gh-1']);
    await world.spaces.ensure(anew(), NEVER);
    expect(branches()).toBe('auto/gh-1\nauto/gh-1-2');
    expect(world.logged.map(({ message }) => message)).toContain('a branch that is checked out stays');
  });

  test.each([
    'main',
    'auto/gh-1-2',
    'auto/gh-2',
    'auto/gh-1-3',
  ])('%s is not dropped: it is no earlier branch of the task', async (drops) => {
    for (const name of ['auto/gh-2', 'auto/gh-1-3']) world.git(['branch', name]);
    const before = `${branches()}\nauto/gh-1-2`.split('\n').sort();
    await world.spaces.ensure({ ...anew(), drops }, NEVER);
    expect(branches().split('\n').sort()).toEqual(before);
    expect(world.git(['rev-parse', 'main'])).toMatch(/^[0-9a-f]{40}$/);
  });
});

describe('remove', () => {
  test('refuses what is not saved, also what changed after the save; the branch stays', async () => {
    world.commit('Work', { 'w.txt': 'w' }, world.tree);
    world.write('new.txt', '1', world.tree);
    await expect(world.spaces.remove(world.task, RUN)).rejects.toMatchObject({ name: 'PortError', sort: 'retryable' });
    await save();
    world.write('new.txt', '2', world.tree);
    await expect(world.spaces.remove(world.task, RUN)).rejects.toThrow('not saved');
    expect(readFileSync(join(world.tree, 'new.txt'), 'utf8')).toBe('2');
    const tip = here('HEAD');
    await save();
    await world.spaces.remove(world.task, RUN);
    await world.spaces.remove(world.task, RUN);
    expect([existsSync(world.tree), existsSync(admin)]).toEqual([false, false]);
    expect(world.git(['rev-parse', 'auto/gh-1'])).toBe(tip);
  });

  test('a clean one goes without a snapshot; a commit that only its reflog names keeps it', async () => {
    await world.spaces.remove(world.task, RUN);
    await world.ensure();
    const lost = world.commit('Reset away', { 'l.txt': 'l' }, world.tree);
    world.git(['reset', '--quiet', '--hard', 'HEAD~1'], world.tree);
    await expect(world.spaces.remove(world.task, RUN)).rejects.toThrow('not saved');
    const { commit } = await save();
    await world.spaces.remove(world.task, RUN);
    expect(world.tryGit(['merge-base', '--is-ancestor', lost, commit ?? '']).code).toBe(0);
  });

  test('a person’s lock keeps it', async () => {
    world.git(['worktree', 'lock', '--reason', 'looking at it', world.tree]);
    await expect(world.spaces.remove(world.task, RUN)).rejects.toMatchObject({
      sort: 'terminal',
      message: expect.stringContaining('looking at it'),
    });
  });

  test('the folder is gone already; a link or a foreign folder is moved aside', async () => {
    rmSync(world.tree, { recursive: true });
    await world.spaces.remove(world.task, RUN);
    expect(existsSync(admin)).toBe(false);
    mkdirSync(join(world.home, 'outside'));
    writeFileSync(join(world.home, 'outside/precious'), 'p');
    symlinkSync(join(world.home, 'outside'), world.tree);
    await world.spaces.remove(world.task, RUN);
    world.write('left', 'l', world.tree);
    await expect(world.spaces.remove(world.task, RUN)).rejects.toThrow('not saved');
    await save();
    await world.spaces.remove(world.task, RUN);
    expect(existsSync(world.tree)).toBe(false);
    expect(readdirSync(join(world.root, '.tac8/aside')).length).toBe(2);
    expect(readFileSync(join(world.home, 'outside/precious'), 'utf8')).toBe('p');
  });
});

describe('restore', () => {
  test('brings files, deletions and the staged-or-not difference back; into a folder as well', async () => {
    world.write('new.txt', 'n', world.tree);
    world.write('run.sh', '#!/bin/sh', world.tree);
    chmodSync(join(world.tree, 'run.sh'), 0o755);
    unlinkSync(join(world.tree, 'dir/a.txt'));
    const before = contentOf(world.tree);
    await thereAndBack();
    expect(contentOf(world.tree)).toEqual(before);
    expect(
      status()
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual(['D dir/a.txt', '?? new.txt', '?? run.sh']);
    const to = join(world.home, 'out', 'put');
    expect((await world.spaces.restore(world.task, { to })).path).toBe(to);
    expect(contentOf(to)).toEqual(before);
    await expect(world.spaces.restore(world.task, { to })).rejects.toThrow('not empty');
  });

  test('detached commits come back onto the branch', async () => {
    world.git(['checkout', '--quiet', '--detach'], world.tree);
    const detached = world.commit('Detached', { 'd.txt': 'd' }, world.tree);
    await thereAndBack();
    expect(here('HEAD')).toBe(detached);
    expect(world.git(['symbolic-ref', 'HEAD'], world.tree)).toBe('refs/heads/auto/gh-1');
    expect(status()).toBe('');
  });

  test('the branch was deleted: made again', async () => {
    const tip = world.commit('Work', { 'w.txt': 'w' }, world.tree);
    world.write('n.txt', 'n', world.tree);
    await save();
    await world.spaces.remove(world.task, RUN);
    world.git(['branch', '-D', 'auto/gh-1']);
    await world.spaces.restore(world.task);
    expect(here('HEAD')).toBe(tip);
    expect(status()).toBe('?? n.txt');
  });

  test('what is in the worktree now is saved before; an older snapshot by its short name', async () => {
    world.write('n.txt', '1', world.tree);
    await save();
    world.write('n.txt', '2', world.tree);
    world.write('more.txt', 'm', world.tree);
    await world.spaces.restore(world.task, { ref: 'w-aaaaaa/1' });
    expect(readFileSync(join(world.tree, 'n.txt'), 'utf8')).toBe('1');
    expect(existsSync(join(world.tree, 'more.txt'))).toBe(false);
    const [newest] = await world.spaces.listSaved('gh-1');
    expect(world.git(['show', `${newest?.commit}:n.txt`])).toBe('2');
  });

  test('refuses where the branch has gone on, and an unknown name', async () => {
    world.write('n.txt', '1', world.tree);
    await save();
    world.commit('Goes on', {}, world.tree);
    world.commit('And on', { 'x.txt': 'x' }, world.tree);
    await expect(world.spaces.restore(world.task)).rejects.toThrow('has moved on');
    await expect(world.spaces.restore(world.task, { ref: 'w-bbbbbb/7' })).rejects.toThrow('w-aaaaaa/1');
  });
});

test('nothing of ours stays in the scratch folder, and with a worktree goes the index that was kept of it', async () => {
  world.write('n.txt', 'n', world.tree);
  world.git(['init', '--quiet', join(world.tree, 'inside')]);
  await save();
  expect(readdirSync(join(world.root, '.tac8/git/scratch'))).toEqual([]);
  rmSync(join(world.tree, 'inside'), { recursive: true });
  await save();
  expect(readdirSync(join(world.root, '.tac8/git/kept'))).toHaveLength(1);
  await world.spaces.remove(world.task, RUN);
  expect(readdirSync(join(world.root, '.tac8/git/kept'))).toEqual([]);
});
