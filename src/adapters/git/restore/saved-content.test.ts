import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GitWorld, makeGitWorld, RUN } from '../../../../test/support/git/git-workspaces.ts';

let world: GitWorld;

beforeEach(async () => {
  world = makeGitWorld({ files: { 'a.txt': 'a', 'b.txt': 'b' } });
  await world.ensure();
});
afterEach(() => world.remove());

async function newest() {
  await world.spaces.save(world.task, RUN, 'test');
  const [saved] = await world.spaces.listSaved('gh-1');
  if (saved === undefined) throw new Error('nothing was saved');
  return world.spaces.contentOf(saved);
}

test('new, changed and deleted files by name, also odd ones; the size of what there is', async () => {
  world.write('a.txt', '12345', world.tree);
  world.write('new folder/ü\n.txt', '123', world.tree);
  unlinkSync(join(world.tree, 'b.txt'));
  expect(await newest()).toEqual({ paths: ['a.txt', 'b.txt', 'new folder/ü\n.txt'], bytes: 8, commits: 0 });
});

test('commits that no branch holds are counted', async () => {
  world.git(['checkout', '--quiet', '--detach'], world.tree);
  world.commit('One', { 'c.txt': 'c' }, world.tree);
  world.commit('Two', { 'd.txt': 'd' }, world.tree);
  expect(await newest()).toEqual({ paths: [], bytes: 0, commits: 2 });
});

test('a branch without a commit yet: all files are new', async () => {
  world.git(['checkout', '--quiet', '--orphan', 'fresh'], world.tree);
  expect(await newest()).toMatchObject({ paths: ['a.txt', 'b.txt'], bytes: 2, commits: 0 });
});
