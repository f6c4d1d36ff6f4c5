import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { contentOf, type GitWorld, makeGitWorld, RUN } from '../../../../test/support/git/git-workspaces.ts';

let world: GitWorld;
let admin: string;
beforeEach(async () => {
  world = makeGitWorld({ files: { 'README.md': 'read\n', '.gitignore': 'ignored/\n', 'dir/a.txt': 'a\n' } });
  await world.ensure();
  admin = join(world.root, '.git/worktrees/gh-1');
});
afterEach(() => world.remove());

const save = (reason = 'test') => world.spaces.save(world.task, RUN, reason);
const here = (ref: string): string => world.git(['rev-parse', ref], world.tree);
const names = ['a', 'b c', 'dir/x', 'dir/y/z', 'README.md', 'ü\n"', '-dash', 'ignored/i', 'clone/f'];
const step = fc.oneof(
  fc.record({ do: fc.constant('write' as const), name: fc.constantFrom(...names), text: fc.string({ maxLength: 6 }) }),
  fc.record({ do: fc.constant('delete' as const), name: fc.constantFrom(...names) }),
  fc.record({ do: fc.constantFrom('add', 'commit', 'detach', 'amend', 'reset', 'branch', 'stash', 'mv', 'init clone', 'lock') }),
);

function takeStep(one: { readonly do: string; readonly name?: string; readonly text?: string }): void {
  const { tree } = world;
  const git = (...args: string[]): unknown => world.tryGit(args, tree);
  const lock = join(admin, 'index.lock');
  if (one.do === 'write') {
    try {
      world.write(one.name ?? '', one.text ?? '', tree);
    } catch (error) {
      // A file stands where a folder would be.
      expect((error as NodeJS.ErrnoException).code).toMatch(/EEXIST|ENOTDIR|EISDIR/);
    }
  } else if (one.do === 'delete') rmSync(join(tree, one.name ?? ''), { recursive: true, force: true });
  else if (one.do === 'lock') writeFileSync(lock, '');
  else if (one.do === 'init clone') {
    mkdirSync(join(tree, 'clone'), { recursive: true });
    world.tryGit(['init', '--quiet'], join(tree, 'clone'));
    world.tryGit(['add', '-A'], join(tree, 'clone'));
    world.tryGit(['commit', '--quiet', '-m', 'In clone'], join(tree, 'clone'));
  } else {
    rmSync(lock, { force: true });
    if (one.do === 'add') git('add', '-A');
    if (one.do === 'commit') git('commit', '--quiet', '-m', 'Step');
    if (one.do === 'detach') git('checkout', '--quiet', '--detach');
    if (one.do === 'amend') git('commit', '--quiet', '--amend', '-m', 'Amended');
    if (one.do === 'reset') git('reset', '--quiet', 'HEAD~1');
    if (one.do === 'branch') git('checkout', '--quiet', '-b', `b${Math.floor(performance.now() * 1000)}`);
    if (one.do === 'stash') git('stash', '--quiet');
    if (one.do === 'mv') git('mv', 'README.md', 'dir/moved');
  }
}

test('whatever an agent does: saved, removed, swept by git gc, put back, it is the same, and no commit is lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
      rmSync(join(admin, 'index.lock'), { force: true });
      await world.spaces.save(world.task, RUN, 'clear');
      await world.spaces.remove(world.task, RUN);
      world.git(['branch', '-f', 'auto/gh-1', 'main']);
      await world.ensure();
      for (const one of steps) takeStep(one);
      const commits = new Set(
        (existsSync(join(admin, 'logs/HEAD')) ? readFileSync(join(admin, 'logs/HEAD'), 'utf8') : '').match(/\b[0-9a-f]{40}\b/g),
      );
      const before = contentOf(world.tree);
      for (const path of Object.keys(before)) if (path.startsWith('ignored/')) delete before[path];
      const head = here('HEAD');
      const { ref } = await save();
      await world.spaces.remove(world.task, RUN);
      world.git(['gc', '--quiet', '--prune=now']);
      const to = join(world.home, 'out');
      // Without a snapshot the branch must hold it all.
      if (ref !== null) await world.spaces.restore(world.task, { ref, to });
      else world.git(['worktree', 'add', '--quiet', '--detach', to, head]);
      const after = contentOf(to);
      if (ref === null) world.git(['worktree', 'remove', to]);
      rmSync(to, { recursive: true, force: true });
      expect(after).toEqual(before);
      for (const commit of commits) if (!/^0+$/.test(commit)) expect(world.tryGit(['cat-file', '-e', commit]).code, commit).toBe(0);
    }),
    { numRuns: Number(process.env.TAC8_PROPERTY_RUNS ?? 12), endOnFailure: true },
  );
}, 1_800_000);
