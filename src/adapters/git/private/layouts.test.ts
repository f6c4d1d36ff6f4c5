import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type BoxedGit, makeBoxedGit } from '../../../../test/support/git/boxed-git.ts';

/** Repositories that are not plain: what a worker in the box commits is on the branch all the same. */

let world: BoxedGit;
afterEach(() => world.remove());

const FILES = { 'README.md': 'A repository for tests.\n', 'in/a.txt': 'a\n', 'out/b.txt': 'b\n' };

/** The repository is taken anew from its remote, with these words. */
function clone(...words: string[]): void {
  const remote = world.remote ?? '';
  for (const key of ['uploadpack.allowFilter', 'uploadpack.allowAnySHA1InWant']) world.git(['config', key, 'true'], remote);
  renameSync(world.root, join(world.home, 'before'));
  world.git(['clone', '--quiet', ...words, `file://${remote}`, world.root], world.home);
}

const LAYOUTS: readonly (readonly [string, () => void])[] = [
  [
    'sha256',
    () => {
      world = makeBoxedGit({ objectFormat: 'sha256', files: FILES });
    },
  ],
  [
    'shallow',
    () => {
      world = makeBoxedGit({ remote: true, files: FILES });
      for (const name of ['x', 'y']) world.commit(name, { [name]: name });
      world.git(['push', '-q', 'origin', 'main']);
      clone('--depth=1');
      expect(world.git(['rev-list', '--count', 'HEAD']).trim()).toBe('1');
    },
  ],
  [
    'partial',
    () => {
      world = makeBoxedGit({ remote: true, files: FILES });
      clone('--filter=blob:none');
    },
  ],
  [
    'sparse',
    () => {
      world = makeBoxedGit({ files: FILES });
      world.git(['sparse-checkout', 'set', '--cone', 'in']);
    },
  ],
  [
    'with a submodule',
    () => {
      world = makeBoxedGit({ files: FILES });
      const part = join(world.home, 'part');
      mkdirSync(part);
      for (const words of [
        ['init', '-q', '-b', 'main'],
        ['commit', '-q', '--allow-empty', '-m', 'part'],
      ])
        world.git(words, part);
      world.git(['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', part, 'part']);
      world.git(['commit', '-qm', 'With a part']);
    },
  ],
  [
    'with LFS, whose program is not there',
    () => {
      world = makeBoxedGit({ files: { ...FILES, '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n' } });
      for (const [key, value] of [
        ['clean', 'git-lfs clean -- %f'],
        ['smudge', 'git-lfs smudge -- %f'],
        ['required', 'true'],
      ] as const)
        world.git(['config', `filter.lfs.${key}`, value]);
    },
  ],
];

test.each(LAYOUTS)('%s: a commit in the box is on the branch, whole, and the worktree is clean', async (_, make) => {
  make();
  await world.ensure();
  const { said, code } = await world.inside(
    'cat in/a.txt && echo one >in/one.txt && git add in/one.txt && git commit -qm one && git status --porcelain',
    true,
  );
  expect([code, said]).toEqual([0, 'a\n']);
  await world.boxes.take('gh-1', false);
  expect(world.git(['-C', world.tree, 'log', '-1', '--format=%s']).trim()).toBe('one');
  expect(world.git(['-C', world.tree, 'show', 'HEAD:in/one.txt']).trim()).toBe('one');
  expect(world.git(['-C', world.tree, 'status', '--porcelain']).trim()).toBe('');
  writeFileSync(join(world.tree, 'in/two.txt'), 'two\n');
  expect(world.git(['-C', world.tree, 'status', '--porcelain']).trim()).toBe('?? in/two.txt');
});
