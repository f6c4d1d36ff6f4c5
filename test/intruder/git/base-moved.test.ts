import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GitWorld, makeGitWorld } from '../../support/git/git-workspaces.ts';

/*
 * A worker moves the refs of the base branch to its own work, so that tac8 says "no change made" of it. The canary is what the inspection
 * counts. The twin is git, which believes the refs.
 */

let world: GitWorld;
let base: string;
beforeEach(async () => {
  world = makeGitWorld({ files: { 'README.md': 'read\n' }, remote: true });
  base = (await world.ensure()).baseCommit;
  world.commit('Work', { 'w.txt': 'w' }, world.tree);
});
afterEach(() => world.remove());

const move = (...refs: readonly string[]): void => {
  for (const ref of refs) world.git(['update-ref', ref, world.git(['rev-parse', 'HEAD'], world.tree)]);
};

test.each([
  ['the ref of the remote', ['refs/remotes/origin/main']],
  ['the branch here', ['refs/heads/main']],
  ['both', ['refs/remotes/origin/main', 'refs/heads/main']],
])('%s moved: the work is counted as it is', async (_what, refs) => {
  move(...refs);
  expect(await world.spaces.inspect(world.task, base)).toMatchObject({ commits: 1, changed: true });
  // A daemon that has just begun has not asked the remote yet.
  expect(await world.again().inspect(world.task, base)).toMatchObject({ commits: 1, changed: true });
});

test('twin: git counts nothing', () => {
  move('refs/remotes/origin/main');
  expect(world.git(['rev-list', '--count', 'HEAD', '^refs/remotes/origin/main'], world.tree)).toBe('0');
});
