import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type GitWorld, makeGitWorld, RUN } from '../../../../test/support/git/git-workspaces.ts';

let world: GitWorld;
let admin: string;
beforeEach(async () => {
  world = makeGitWorld({ files: { 'README.md': 'read\n', '.gitignore': 'ignored/\n', 'dir/a.txt': 'a\n' } });
  await world.ensure();
  admin = join(world.root, '.git/worktrees/gh-1');
});
afterEach(() => world.remove());

const status = (): string => world.git(['status', '--porcelain'], world.tree);
const here = (ref: string): string => world.git(['rev-parse', ref], world.tree);
describe('after a kill', () => {
  const mend = () => world.spaces.mendAfterKill(world.task, RUN);

  test('nothing amiss: nothing done', async () => {
    world.write('n.txt', 'n', world.tree);
    expect(await mend()).toEqual({ done: [], saved: null });
  });

  test('stale locks go; then everything is committed, hooks and conflicts or not', async () => {
    for (const lock of [join(admin, 'index.lock'), join(admin, 'HEAD.lock'), join(world.root, '.git/refs/heads/auto/gh-1.lock')])
      writeFileSync(lock, '');
    world.write('.git/hooks/pre-commit', '#!/bin/sh\nexit 1\n');
    chmodSync(join(world.root, '.git/hooks/pre-commit'), 0o755);
    world.write('n.txt', 'n', world.tree);
    world.write('ignored/x', 'i', world.tree);
    expect((await mend()).done.length).toBe(3);
    const commit = await world.spaces.commitWip(world.task, 'WIP: stopped by STOP file');
    expect(here('HEAD')).toBe(commit);
    expect(status()).toBe('');
    expect(world.git(['log', '-1', '--format=%s %an', 'auto/gh-1'])).toBe('WIP: stopped by STOP file tac8');
    expect(await world.spaces.commitWip(world.task, 'again')).toBeNull();
    expect(readFileSync(join(world.tree, 'ignored/x'), 'utf8')).toBe('i');
  });

  test('killed between the WIP commit and its index: the next call mends the index', async () => {
    world.write('n.txt', 'n', world.tree);
    const index = readFileSync(join(admin, 'index'));
    await world.spaces.commitWip(world.task, 'WIP');
    writeFileSync(join(admin, 'index'), index);
    expect(status()).not.toBe('');
    await world.spaces.commitWip(world.task, 'WIP');
    expect(status()).toBe('');
  });

  test('detached commits come onto the branch', async () => {
    world.git(['checkout', '--quiet', '--detach'], world.tree);
    const detached = world.commit('Detached', { 'd.txt': 'd' }, world.tree);
    world.write('dirty.txt', 'd', world.tree);
    await expect(world.spaces.commitWip(world.task, 'WIP')).rejects.toThrow('detached');
    await mend();
    expect(world.git(['rev-parse', 'auto/gh-1'])).toBe(detached);
    expect(status()).toBe('?? dirty.txt');
    expect(await mend()).toEqual({ done: [], saved: null });
  });

  test('an older commit with changes on it: back on the branch, the changes saved', async () => {
    world.commit('One', { '1.txt': '1' }, world.tree);
    const tip = world.commit('Two', { '2.txt': '2' }, world.tree);
    world.git(['checkout', '--quiet', 'HEAD~1'], world.tree);
    world.write('1.txt', 'changed', world.tree);
    const { saved } = await mend();
    expect([here('HEAD'), status(), world.git(['show', `${saved}:1.txt`])]).toEqual([tip, '', 'changed']);
  });

  test('the branch was deleted: made again at HEAD', async () => {
    world.git(['checkout', '--quiet', '--detach'], world.tree);
    world.git(['branch', '-D', '--quiet', 'auto/gh-1']);
    await mend();
    expect(world.git(['symbolic-ref', '--short', 'HEAD'], world.tree)).toBe('auto/gh-1');
  });

  test.each(['merge', 'cherry-pick', 'revert'])('a half %s: given up, the files stay, a plain commit works', async (what) => {
    const mine = world.commit('Mine', { 'dir/a.txt': 'mine\n' }, world.tree);
    world.git(['checkout', '--quiet', '-b', 'other', 'main']);
    world.commit('Theirs', { 'dir/a.txt': 'theirs\n' });
    if (what === 'revert') world.commit('Mine again', { 'dir/a.txt': 'again\n' }, world.tree);
    const tip = here('HEAD');
    expect(world.tryGit([what, what === 'revert' ? mine : 'other'], world.tree).code).toBe(1);
    const { saved } = await mend();
    expect(saved).not.toBeNull();
    expect(here('HEAD')).toBe(tip);
    expect(readFileSync(join(world.tree, 'dir/a.txt'), 'utf8')).toContain('<<<<<<<');
    expect(world.git(['ls-files', '--unmerged'], world.tree)).toBe('');
    await world.spaces.commitWip(world.task, 'WIP');
    expect(status()).toBe('');
    expect(world.git(['rev-list', '--count', `${tip}..HEAD`], world.tree)).toBe('1');
  });

  test('a half rebase: the branch keeps its commits, the half state is saved', async () => {
    world.commit('First', { 'f.txt': 'f' }, world.tree);
    const mine = world.commit('Mine', { 'dir/a.txt': 'mine\n' }, world.tree);
    world.commit('Theirs', { 'dir/a.txt': 'theirs\n' });
    expect(world.tryGit(['rebase', 'main'], world.tree).code).toBe(1);
    world.write('resolving.txt', 'r', world.tree);
    const { saved } = await mend();
    expect([here('HEAD'), world.git(['symbolic-ref', '--short', 'HEAD'], world.tree)]).toEqual([mine, 'auto/gh-1']);
    expect(world.git(['show', `${saved}:resolving.txt`])).toBe('r');
    expect(world.git(['show', `${saved}:dir/a.txt`])).toContain('<<<<<<<');
    expect(existsSync(join(admin, 'rebase-merge'))).toBe(false);
    // What git does not track is left where it is.
    expect(status()).toBe('?? resolving.txt');
  });

  test('state that git cannot read is put out of its sight', async () => {
    mkdirSync(join(admin, 'rebase-merge'));
    writeFileSync(join(admin, 'rebase-merge/head-name'), '');
    await mend();
    world.write('n.txt', 'n', world.tree);
    expect(await world.spaces.commitWip(world.task, 'WIP')).not.toBeNull();
    expect(world.git(['status'], world.tree)).not.toContain('rebas');
  });
});
