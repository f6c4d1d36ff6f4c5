import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findPlace } from '../../src/place/place.ts';
import { type GitRepo, makeGitRepo } from '../support/git/git-repo.ts';
import { NEVER, pendingTask, spacesIn } from '../support/git/git-workspaces.ts';
import { goesThrough, refused, type Works } from '../support/git/goes-through.ts';

/*
 * Every layout that people have, with real git: the checkout is found from its root and from a task's worktree, and a task goes from its worktree
 * to a pushed branch; or there is one sentence, and nothing is written.
 */

let repo: GitRepo;
beforeEach(() => {
  repo = makeGitRepo({ remote: true, files: { 'README.md': 'A\n', 'src/a.txt': 'a\n', 'docs/b.txt': 'b\n' } });
});
afterEach(() => repo.remove());

const git = (cwd: string, ...args: string[]): string => repo.git(['-c', 'protocol.file.allow=always', ...args], cwd);
const url = (): string => `file://${repo.remote}`;
const clone = (...args: string[]): string => {
  const to = join(repo.home, 'clone');
  git(repo.home, 'clone', '--quiet', ...args, url(), to);
  return to;
};
const set = (key: string, value: string): string => {
  git(repo.root, 'config', key, value);
  return repo.root;
};
const hook = (name: string): void => {
  const path = join(repo.home, 'hooks', name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\ntouch ${repo.home}/fired\nexit 1\n`);
  chmodSync(path, 0o755);
};

const WORKS: Readonly<Record<string, Works>> = {
  'a plain clone': { make: () => clone() },
  'a folder of it': { make: () => ({ from: join(repo.root, 'src'), root: repo.root }) },
  'a submodule': {
    make: () => {
      const above = join(repo.home, 'above');
      git(repo.home, 'init', '--quiet', '-b', 'main', above);
      git(above, 'submodule', '--quiet', 'add', url(), 'parts/sub');
      return join(above, 'parts/sub');
    },
    after: () => expect(readdirSync(join(repo.home, 'above/.git/modules/parts')).sort()).toEqual(['sub']),
  },
  'a folder of git elsewhere (--separate-git-dir)': {
    make: () => {
      mkdirSync(join(repo.home, 'store'));
      return clone('--separate-git-dir', join(repo.home, 'store', 'git'));
    },
    after: () => expect(readdirSync(join(repo.home, 'store'))).toEqual(['git']),
  },
  'a worktree of a bare repository': {
    make: () => {
      git(repo.home, 'clone', '--quiet', '--bare', url(), join(repo.home, 'b.git'));
      git(join(repo.home, 'b.git'), 'worktree', 'add', '--quiet', join(repo.home, 'w'), 'main');
      return join(repo.home, 'w');
    },
  },
  'a worktree beside the bare repository in its .git': {
    make: () => {
      git(repo.home, 'clone', '--quiet', '--bare', url(), join(repo.home, 'p', '.git'));
      git(join(repo.home, 'p'), 'worktree', 'add', '--quiet', 'main', 'main');
      return join(repo.home, 'p', 'main');
    },
    after: () => expect(readdirSync(join(repo.home, 'p')).sort()).toEqual(['.git', 'main']),
  },
  'a worktree of a checkout': {
    make: () => {
      git(repo.root, 'worktree', 'add', '--quiet', '-b', 'side', join(repo.home, 'side'));
      return { from: join(repo.home, 'side'), root: repo.root };
    },
  },
  'a sparse checkout': {
    make: () => {
      const at = clone('--sparse');
      git(at, 'sparse-checkout', 'set', 'src');
      return at;
    },
    after: (_, tree) => expect(readdirSync(tree).sort()).toEqual(['.git', 'README.md', 'src', 'work.txt']),
  },
  'a partial clone': {
    make: () => {
      git(repo.remote ?? '', 'config', 'uploadpack.allowFilter', 'true');
      git(repo.remote ?? '', 'config', 'uploadpack.allowAnySHA1InWant', 'true');
      return clone('--filter=blob:none', '--no-checkout');
    },
    after: (_, tree) => expect(readFileSync(join(tree, 'docs/b.txt'), 'utf8')).toBe('b\n'),
  },
  'a shallow clone': {
    make: () => {
      for (const n of [1, 2, 3]) repo.commit(`More ${n}`, { 'n.txt': `${n}` });
      git(repo.root, 'push', '--quiet', 'origin', 'main');
      return clone('--depth', '1');
    },
  },
  'a default branch that was renamed after the clone': {
    make: () => {
      const at = clone();
      git(repo.remote ?? '', 'branch', '-m', 'main', 'trunk');
      git(repo.root, 'fetch', '--quiet', '--prune', 'origin');
      git(repo.root, 'checkout', '--quiet', '-b', 'next', 'origin/trunk');
      repo.commit('Newer', { 'newer.txt': 'n' });
      git(repo.root, 'push', '--quiet', 'origin', 'HEAD:trunk');
      return at;
    },
    after: (_, tree) => expect(existsSync(join(tree, 'newer.txt'))).toBe(true),
  },
  'the only remote, called otherwise': { make: () => clone('--origin', 'forge') },
  'no commits yet, and a remote that has some': {
    make: () => {
      const at = join(repo.home, 'unborn');
      git(repo.home, 'init', '--quiet', '-b', 'main', at);
      git(at, 'remote', 'add', 'origin', url());
      return at;
    },
  },
  'core.worktree, set to where the checkout is': { make: () => set('core.worktree', repo.root) },
  'names that differ in upper and lower case alone, core.ignoreCase': {
    make: () => {
      repo.commit('Both', { 'Readme.md': 'lower', 'SRC/a.txt': 'upper' });
      git(repo.root, 'push', '--quiet', 'origin', 'main');
      return set('core.ignoreCase', 'true');
    },
    after: (_, tree) =>
      expect(['README.md', 'Readme.md', 'SRC/a.txt', 'src/a.txt'].filter((name) => existsSync(join(tree, name)))).toHaveLength(4),
  },
  'relative links in .worktreeinclude': {
    make: () => {
      repo.write('.gitignore', 'local/\n.env\n');
      repo.write('.worktreeinclude', '.env\n');
      repo.commit('Ignored', {});
      git(repo.root, 'push', '--quiet', 'origin', 'main');
      repo.write('local/env', 'KEY=1\n');
      symlinkSync('local/env', join(repo.root, '.env'));
      return repo.root;
    },
    after: (_, tree) => expect(readFileSync(join(tree, '.env'), 'utf8')).toBe('KEY=1\n'),
  },
  'several remotes, origin among them': {
    make: () => {
      git(repo.root, 'remote', 'add', 'a-fork', '/nowhere');
      return repo.root;
    },
  },
  'core.hooksPath with hooks that refuse': {
    make: () => {
      for (const name of ['pre-push', 'pre-commit', 'commit-msg', 'post-checkout', 'reference-transaction']) hook(name);
      return set('core.hooksPath', join(repo.home, 'hooks'));
    },
    after: () => expect(existsSync(join(repo.home, 'fired'))).toBe(false),
  },
  'push.default = nothing': { make: () => set('push.default', 'nothing') },
  'push.pushOption': { make: () => set('push.pushOption', 'ci.skip') },
  'push.gpgSign and commit.gpgSign': {
    make: () => {
      set('push.gpgSign', 'true');
      set('gpg.program', '/bin/false');
      return set('commit.gpgSign', 'true');
    },
  },
  '.git as a link to a folder elsewhere': {
    make: () => {
      renameSync(join(repo.root, '.git'), join(repo.home, 'store.git'));
      symlinkSync(join(repo.home, 'store.git'), join(repo.root, '.git'));
      return repo.root;
    },
    after: () => expect(readFileSync(join(repo.home, 'store.git/info/exclude'), 'utf8')).toContain('trees'),
  },
  'objects of another repository (--shared, --reference)': { make: () => clone('--shared') },
  'a branch, a tag and more that are called like others': {
    make: () => {
      const names = [
        'refs/tags/main',
        'refs/tags/auto/gh-1',
        'refs/heads/HEAD',
        'refs/heads/-x',
        'refs/heads/origin/main',
        'refs/tags/origin/main',
      ];
      for (const name of names) git(repo.root, 'update-ref', name, 'HEAD');
      // HEAD is not plain any more, to git neither.
      git(repo.root, 'push', '--quiet', 'origin', `${repo.commit('Newer', { 'newer.txt': 'n' })}:refs/heads/main`);
      return repo.root;
    },
    after: (_, tree) => expect(existsSync(join(tree, 'newer.txt'))).toBe(true),
  },
  'a path with blanks, quotes and more, from a folder in it': {
    make: () => {
      const at = join(repo.home, ' -a "b" $(touch x) `c` \\ [d] *? \'#;=% ü ');
      git(repo.home, 'clone', '--quiet', url(), at);
      return { from: join(at, 'src'), root: at };
    },
  },
  'a split index, feature.manyFiles, an untracked cache': {
    make: () => {
      set('feature.manyFiles', 'true');
      git(repo.root, 'update-index', '--index-version', '4', '--split-index', '--untracked-cache');
      return repo.root;
    },
  },
  'locks of git that were left over': {
    make: () => {
      for (const name of ['index', 'HEAD', 'config', 'packed-refs', 'refs/heads/main', 'refs/remotes/origin/main'])
        writeFileSync(join(repo.root, '.git', `${name}.lock`), '');
      return repo.root;
    },
  },
  'a detached main checkout': {
    make: () => {
      git(repo.root, 'checkout', '--quiet', '--detach');
      return repo.root;
    },
  },
};

test.each(Object.entries(WORKS))('%s: works', { timeout: 60_000 }, (_, works) => goesThrough(repo, works));

test.skipIf(process.getuid?.() !== 0)('another owner’s files: refused, and taken where the person’s own settings allow it', async () => {
  execFileSync('chown', ['-R', '12345:12345', repo.root]);
  const place = await findPlace(repo.root, {});
  const home = process.env.HOME;
  process.env.HOME = join(repo.home, 'person');
  mkdirSync(process.env.HOME);
  try {
    expect((await refused(place))?.says).toMatch(/belongs to another user, and git refuses to work there$/);
    writeFileSync(join(process.env.HOME, '.gitconfig'), `[safe]\n\tdirectory = ${repo.root}\n`);
    expect(await refused(place)).toBeNull();
    const spaces = spacesIn({ root: repo.root, home: repo.home, remote: 'origin' });
    expect((await spaces.ensure(pendingTask('gh-1'), NEVER)).created).toBe(true);
  } finally {
    process.env.HOME = home;
  }
});
