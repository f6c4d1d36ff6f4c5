import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type GitWorld, makeGitWorld, RUN } from '../../../../test/support/git/git-workspaces.ts';

/** What an agent left, and how it stands after the steps that follow its end. */
let world: GitWorld;
let base: string;
beforeEach(async () => {
  world = makeGitWorld({ files: { 'README.md': 'read\n', 'a.txt': 'a\n' } });
  base = (await world.ensure()).baseCommit;
});
afterEach(() => world.remove());

const git = (...args: string[]): string => world.git(args, world.tree);
const commit = (name: string, where = world.tree): string => world.commit(`Add ${name}`, { [name]: `${name}\n` }, where);
const judge = async () => {
  const { done } = await world.spaces.mendAfterKill(world.task, RUN);
  return { done, ...(await world.spaces.inspect(world.task, base)) };
};

const BESIDE: readonly [string, () => void, object][] = [
  ['nothing', () => undefined, { commits: 0, changed: false, dirty: false }],
  ['a commit on its branch', () => void commit('n.txt'), { commits: 1, changed: true }],
  ['an empty commit', () => git('commit', '-q', '--allow-empty', '-m', 'Empty'), { commits: 1, changed: false }],
  [
    'a commit and its revert',
    () => {
      commit('n.txt');
      git('revert', '--no-edit', 'HEAD');
    },
    { commits: 2, changed: false },
  ],
  [
    'files beside a commit',
    () => {
      commit('n.txt');
      world.write('left.txt', 'x', world.tree);
      world.write('a.txt', 'other\n', world.tree);
    },
    { commits: 1, changed: true, dirty: true, left: { names: ['a.txt', 'left.txt'], count: 2 } },
  ],
  [
    'commits on a branch of its own, checked out',
    () => {
      git('checkout', '-q', '-b', 'feature');
      commit('n.txt');
      commit('m.txt');
    },
    { commits: 2, changed: true, done: [expect.stringContaining('the branch now has its commits')] },
  ],
  [
    'commits on a branch of its own, and back',
    () => {
      git('checkout', '-q', '-b', 'feature');
      commit('n.txt');
      git('checkout', '-q', 'auto/gh-1');
    },
    { commits: 1, changed: true, done: ['auto/gh-1 has the commits of feature now'] },
  ],
  [
    'a worktree of its own below, as EnterWorktree makes it',
    () => {
      git('worktree', 'add', '-q', '-b', 'worktree-x', '.claude/worktrees/x');
      commit('n.txt', join(world.tree, '.claude/worktrees/x'));
    },
    { commits: 1, changed: true, dirty: false, done: ['auto/gh-1 has the commits of worktree-x now'] },
  ],
  [
    'commits on both: named, not mixed',
    () => {
      git('checkout', '-q', '-b', 'feature');
      commit('n.txt');
      git('checkout', '-q', 'auto/gh-1');
      commit('m.txt');
    },
    { commits: 1, done: [], elsewhere: [{ branch: 'feature', head: expect.any(String) }] },
  ],
  [
    'a file of its own stands against the branch: named',
    () => {
      git('checkout', '-q', '-b', 'feature');
      commit('n.txt');
      git('checkout', '-q', 'auto/gh-1');
      world.write('n.txt', 'another\n', world.tree);
    },
    { commits: 0, done: [], elsewhere: [{ branch: 'feature', head: expect.any(String) }], left: { names: ['n.txt'], count: 1 } },
  ],
  [
    'commits taken back',
    () => {
      commit('n.txt');
      git('reset', '-q', '--hard', base);
    },
    { commits: 0, elsewhere: [{ branch: null, head: expect.any(String) }] },
  ],
  [
    'an amended commit is no second one',
    () => {
      commit('n.txt');
      git('commit', '-q', '--amend', '-m', 'Better');
    },
    { commits: 1, changed: true, amended: true },
  ],
  [
    'the base merged in, and nothing of its own',
    () => {
      world.commit('Upstream', { 'up.txt': 'up\n' });
      git('merge', '-q', '--no-ff', '--no-edit', 'main');
    },
    { commits: 1, changed: false },
  ],
];

describe('what an agent left', () => {
  test.each(BESIDE)('%s', async (_what, leave, expected) => {
    leave();
    const seen = await judge();
    const { amended, ...parts } = { amended: false, ...expected };
    expect(seen).toMatchObject(parts);
    if (amended) expect(seen).not.toHaveProperty('elsewhere');
    // Once more changes nothing.
    const { done: _done, ...again } = await judge();
    expect(again).toEqual({ ...seen, done: undefined });
  });

  test.each(['and stays', 'and goes back'])("a colleague's branch that it only looked at is not its work (%s)", async (how) => {
    world.git(['checkout', '-q', '-b', 'theirs']);
    const theirs = world.commit('Theirs', { 't.txt': 't\n' });
    world.git(['checkout', '-q', 'main']);
    git('checkout', '-q', '--ignore-other-worktrees', 'theirs');
    if (how === 'and goes back') git('checkout', '-q', 'auto/gh-1');
    expect(await judge()).toMatchObject({ head: base, commits: 0, changed: false });
    expect(world.git(['rev-parse', 'theirs'])).toBe(theirs);
  });

  test("a commit on top of a colleague's branch is named, and theirs is not brought over", async () => {
    world.git(['checkout', '-q', '-b', 'theirs']);
    world.commit('Theirs', { 't.txt': 't\n' });
    world.git(['checkout', '-q', 'main']);
    git('checkout', '-q', '-b', 'mine', 'theirs');
    commit('n.txt');
    expect(await judge()).toMatchObject({ head: base, commits: 0, elsewhere: [{ branch: 'mine' }] });
  });

  test('a history that lies names no commit that is not there', async () => {
    commit('n.txt');
    const log = join(world.root, '.git/worktrees/gh-1/logs/HEAD');
    writeFileSync(log, `${'0'.repeat(40)} ${'f'.repeat(40)} x <x@x> 1 +0000\tcommit: lie\n\t\0garbage\n`);
    expect(await judge()).toMatchObject({ commits: 1, changed: true });
  });
});

test('after a save that found nothing: what was staged or taken back since is seen', async () => {
  const inspect = () => world.spaces.inspect(world.task, base);
  expect((await world.spaces.save(world.task, RUN, 'ended')).ref).toBeNull();
  expect(await inspect()).toMatchObject({ dirty: false, commits: 0 });
  world.write('new.txt', 'new\n', world.tree);
  git('add', 'new.txt');
  expect(await inspect()).toMatchObject({ dirty: true, left: { names: ['new.txt'], count: 1 } });
  git('commit', '-q', '-m', 'New');
  await world.spaces.save(world.task, RUN, 'ended');
  expect(await inspect()).toMatchObject({ dirty: false, commits: 1 });
  world.git(['update-ref', `refs/heads/${world.task.branch}`, base]);
  expect(await inspect()).toMatchObject({ dirty: true, commits: 0 });
});
