import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, test } from 'vitest';
import { type GitRepo, makeGitRepo } from '../support/git/git-repo.ts';
import { goesThrough, type Works } from '../support/git/goes-through.ts';

/* Where a person's own `git fetch` and `git push` would go, in every way that git has to say it: tac8 goes there, too. */

let repo: GitRepo;
beforeEach(() => {
  repo = makeGitRepo({ remote: true });
});
afterEach(() => repo.remove());

const git = (cwd: string, ...args: string[]): string => repo.git(['-c', 'protocol.file.allow=always', ...args], cwd);
const url = (): string => `file://${repo.remote}`;
const set = (key: string, value: string): string => {
  git(repo.root, 'config', key, value);
  return repo.root;
};

const WORKS: Readonly<Record<string, Works>> = {
  'another address for pushes': {
    make: () => {
      git(repo.home, 'clone', '--quiet', '--bare', url(), join(repo.home, 'push.git'));
      return set('remote.origin.pushurl', join(repo.home, 'push.git'));
    },
    arrives: () => join(repo.home, 'push.git'),
  },
  'url.*.insteadOf': {
    make: () => {
      set('remote.origin.url', 'short:origin.git');
      return set(`url.file://${repo.home}/.insteadOf`, 'short:');
    },
  },
  'url.*.pushInsteadOf': {
    make: () => {
      git(repo.home, 'clone', '--quiet', '--bare', url(), join(repo.home, 'push.git'));
      set('remote.origin.url', url());
      return set(`url.file://${repo.home}/push.git.pushInsteadOf`, url());
    },
    arrives: () => join(repo.home, 'push.git'),
  },
  'remote.pushDefault': {
    make: () => {
      git(repo.home, 'clone', '--quiet', '--bare', url(), join(repo.home, 'push.git'));
      git(repo.root, 'remote', 'add', 'mine', join(repo.home, 'push.git'));
      return set('remote.pushDefault', 'mine');
    },
    arrives: () => join(repo.home, 'push.git'),
  },
  'remote.pushDefault that no remote is called by': { make: () => set('remote.pushDefault', 'nobody') },
  'an address relative to the checkout': { make: () => set('remote.origin.url', relative(repo.root, repo.remote ?? '')) },
  'a remote in a file that the settings include': {
    make: () => {
      git(repo.root, 'remote', 'remove', 'origin');
      writeFileSync(join(repo.root, '.git/more'), `[remote "origin"]\n\turl = ${url()}\n`);
      return set('include.path', 'more');
    },
  },
  'no remote': {
    make: () => {
      git(repo.root, 'remote', 'remove', 'origin');
      return repo.root;
    },
    arrives: () => repo.root,
  },
};

test.each(Object.entries(WORKS))('%s: works', { timeout: 60_000 }, (_, works) => goesThrough(repo, works));
