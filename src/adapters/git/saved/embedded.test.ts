import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { contentOf, type GitWorld, makeGitWorld, RUN } from '../../../../test/support/git/git-workspaces.ts';

let world: GitWorld;
beforeEach(async () => {
  world = makeGitWorld({ files: { 'README.md': 'read\n', '.gitignore': 'ignored/\n', 'dir/a.txt': 'a\n' } });
  await world.ensure();
});
afterEach(() => world.remove());

const save = (reason = 'test') => world.spaces.save(world.task, RUN, reason);
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

describe('repositories inside', () => {
  const inside = (path: string): string => join(world.tree, path);

  test('a clone with commits of its own, a nested one, `git init` in a tracked folder, one without commits', async () => {
    for (const path of ['clone', 'clone/nested', 'dir', 'unborn']) {
      mkdirSync(inside(path), { recursive: true });
      world.git(['init', '--quiet', '-b', 'main'], inside(path));
      world.write('f.txt', `in ${path}`, inside(path));
    }
    world.write('.gitignore', 'skip\n', inside('clone'));
    world.write('skip', 's', inside('clone'));
    const commits = ['clone/nested', 'dir'].map((path) => world.commit(`In ${path}`, {}, inside(path)));
    world.git(['add', 'f.txt', '.gitignore'], inside('clone'));
    world.git(['commit', '--quiet', '-m', 'In clone'], inside('clone'));
    world.git(['stash', '--include-untracked', '--quiet'], inside('dir'));
    // Leaves refs/heads empty, as a clone does.
    world.git(['gc', '--quiet'], inside('clone'));
    world.write('clone/.git/hooks/pre-commit', '#!/bin/sh\n', world.tree);
    chmodSync(inside('clone/.git/hooks/pre-commit'), 0o755);
    world.write('dirty.txt', 'd', inside('clone'));
    const tip = world.git(['rev-parse', 'HEAD'], inside('clone'));
    const before = contentOf(world.tree);
    delete before['clone/skip'];
    await thereAndBack();
    expect(contentOf(world.tree)).toEqual(before);
    expect(world.git(['log', '--format=%s'], inside('clone'))).toBe('In clone');
    expect(statSync(inside('clone/.git/hooks/pre-commit')).mode & 0o111).not.toBe(0);
    expect(world.git(['rev-parse', 'HEAD'], inside('clone'))).toBe(tip);
    expect(world.git(['status', '--porcelain', '--untracked-files=all'], inside('clone'))).toContain('?? dirty.txt');
    expect(['clone/nested', 'dir'].map((path) => world.git(['rev-parse', 'HEAD'], inside(path)))).toEqual(commits);
  });

  test('a shallow clone with a commit: kept, and this repository stays whole', async () => {
    world.commit('Second', { 's.txt': 's' });
    world.git(['clone', '--quiet', '--depth=1', `file://${world.root}`, inside('shallow')]);
    const mine = world.commit('Mine', { 'm.txt': 'm' }, inside('shallow'));
    await thereAndBack();
    expect(world.git(['rev-parse', 'HEAD'], inside('shallow'))).toBe(mine);
    expect(world.git(['status', '--porcelain'], inside('shallow'))).toBe('');
  });

  test('an untouched clone: its files alone, for its remote has the commits', async () => {
    world.git(['clone', '--quiet', world.root, inside('untouched')]);
    const { commit } = await save();
    const [saved] = await world.spaces.listSaved('gh-1');
    expect(saved?.embedded).toMatchObject([{ path: 'untouched', gitDir: null }]);
    expect(world.git(['ls-tree', '-r', '--name-only', commit ?? '', 'untouched/'])).toContain('untouched/README.md');
  });

  test('a submodule: left as it is while clean; its unpushed commits and changes are kept', async () => {
    const library = join(world.home, 'library');
    mkdirSync(library);
    world.git(['init', '--quiet', '-b', 'main'], library);
    world.commit('Library', { 'l.txt': 'l' }, library);
    world.git(['submodule', '--quiet', 'add', library, 'lib'], world.tree);
    world.commit('Add it', {}, world.tree);
    expect(await save()).toMatchObject({ ref: null, commit: null });
    const mine = world.commit('Mine', { 'm.txt': 'm' }, inside('lib'));
    world.write('dirty.txt', 'd', inside('lib'));
    await thereAndBack();
    expect(world.git(['rev-parse', 'HEAD'], inside('lib'))).toBe(mine);
    expect(contentOf(inside('lib'))).toEqual({ 'l.txt': 'l\n'.trim(), 'm.txt': 'm', 'dirty.txt': 'd' });
  });

  test('somebody else’s, a submodule whose .git is broken, one in an ignored place that the patterns name', async () => {
    const clone = (path: string): string => {
      world.git(['clone', '--quiet', world.root, inside(path)]);
      return world.commit('Mine', { 'm.txt': 'm' }, inside(path));
    };
    const theirs = clone('theirs');
    // Only root can give files away; elsewhere it is one more clone.
    if (process.getuid?.() === 0) for (const path of ['theirs', 'theirs/.git']) chownSync(inside(path), 1234, 1234);
    clone('lib');
    world.git(['add', 'lib'], world.tree);
    world.git(['commit', '--quiet', '-m', 'As a submodule'], world.tree);
    writeFileSync(inside('lib/.git/HEAD'), 'garbage');
    const ignored = clone('ignored/clone');
    const spaces = world.again({ saveGlobs: ['/ignored/clone/'] });
    await spaces.save(world.task, RUN, 'test');
    await spaces.remove(world.task, RUN);
    const to = join(world.home, 'out');
    await spaces.restore(world.task, { to });
    expect(readFileSync(join(to, 'lib/m.txt'), 'utf8')).toBe('m');
    expect(readFileSync(join(to, 'lib/.git/HEAD'), 'utf8')).toBe('garbage');
    expect(world.git(['rev-parse', 'HEAD'], join(to, 'theirs'))).toBe(theirs);
    expect(world.git(['rev-parse', 'HEAD'], join(to, 'ignored/clone'))).toBe(ignored);
  });

  test('a broken one, and an empty .git folder', async () => {
    world.write('broken/.git/objects/keep', 'k', world.tree);
    world.write('broken/f.txt', 'f', world.tree);
    mkdirSync(inside('empty/.git'), { recursive: true });
    world.write('empty/f.txt', 'e', world.tree);
    await thereAndBack();
    expect(readFileSync(inside('broken/.git/objects/keep'), 'utf8')).toBe('k');
    expect([readFileSync(inside('broken/f.txt'), 'utf8'), readFileSync(inside('empty/f.txt'), 'utf8')]).toEqual(['f', 'e']);
  });

  test('the agent made the whole worktree a repository of its own', async () => {
    unlinkSync(join(world.tree, '.git'));
    world.git(['init', '--quiet'], world.tree);
    const mine = world.commit('Mine', { 'm.txt': 'm' }, world.tree);
    const { commit } = await save();
    expect(world.git(['show', `${commit}:m.txt`])).toBe('m');
    await world.spaces.remove(world.task, RUN);
    const to = join(world.home, 'out');
    await world.spaces.restore(world.task, { to });
    expect(world.git(['rev-parse', 'HEAD'], to)).toBe(mine);
  });

  test('a worktree inside of the worktree: its detached commits are kept', async () => {
    world.git(['worktree', 'add', '--quiet', '--detach', inside('sub')], world.tree);
    const mine = world.commit('Mine', { 'm.txt': 'm' }, inside('sub'));
    const { commit } = await save();
    expect(world.tryGit(['merge-base', '--is-ancestor', mine, commit ?? '']).code).toBe(0);
    expect(world.git(['show', `${commit}:sub/m.txt`])).toBe('m');
  });
});
