import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GitWorld, makeGitWorld, RUN } from '../../../../test/support/git/git-workspaces.ts';

/** A clone without the contents of files, and without a checkout that would have fetched some. */
let world: GitWorld;
beforeEach(() => {
  world = makeGitWorld({ remote: true });
  const remote = world.remote ?? '';
  for (const key of ['uploadpack.allowFilter', 'uploadpack.allowAnySHA1InWant']) world.git(['config', key, 'true'], remote);
  renameSync(world.root, join(world.home, 'before'));
  world.git(['clone', '--quiet', '--no-checkout', '--filter=blob:none', `file://${remote}`, world.root], world.home);
});
afterEach(() => world.remove());

test('a partial clone: what a worktree lacks is fetched from where the daemon fetches, whatever the settings say', async () => {
  expect(world.git(['rev-list', '--objects', '--missing=print', 'HEAD'])).toMatch(/^\?/m);
  const spaces = world.again();
  await spaces.list();
  world.git(['remote', 'set-url', 'origin', join(world.home, 'nowhere')]);
  await spaces.ensure(world.task, new AbortController().signal);
  expect(readFileSync(join(world.tree, 'README.md'), 'utf8')).toBe('A repository for tests.\n');
  world.write('new.txt', 'n', world.tree);
  const { commit } = await spaces.save(world.task, RUN, 'a test');
  expect(world.git(['show', '--stat', '--format=', `${commit}`])).toContain('new.txt');
});
