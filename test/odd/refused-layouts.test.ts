import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findPlace } from '../../src/place/place.ts';
import { type GitRepo, makeGitRepo } from '../support/git/git-repo.ts';
import { refused } from '../support/git/goes-through.ts';
import { workplace } from '../support/world/daemon.ts';

/* Layouts in which tac8 cannot work, with real git: one sentence, what mends it, and nothing is written. */

let repo: GitRepo;
beforeEach(() => {
  repo = makeGitRepo({ remote: true });
});
afterEach(() => repo.remove());

const git = (cwd: string, ...args: string[]): string => repo.git(args, cwd);
const set = (key: string, value: string): string => {
  git(repo.root, 'config', key, value);
  return repo.root;
};

const REFUSED: Readonly<Record<string, readonly [make: () => string, words: RegExp]>> = {
  'a branch called auto': [
    () => {
      git(repo.root, 'branch', 'auto');
      return repo.root;
    },
    /^there is a branch called auto, so that git can make no branch auto\/gh-1$/,
  ],
  'a branch called auto, packed': [
    () => {
      git(repo.root, 'branch', 'auto');
      git(repo.root, 'pack-refs', '--all');
      return repo.root;
    },
    /^there is a branch called auto,/,
  ],
  'core.bare flipped by a tool': [() => set('core.bare', 'true'), /is a bare repository \(core\.bare = true\), so that .* is no checkout$/],
  'several remotes without origin': [
    () => {
      git(repo.root, 'remote', 'rename', 'origin', 'mine');
      git(repo.root, 'remote', 'add', 'theirs', '/nowhere');
      return repo.root;
    },
    /has the remotes mine, theirs, and none of them is called origin/,
  ],
  'git-crypt': [
    () => {
      writeFileSync(join(repo.root, '.gitattributes'), '*.md text\nsecrets/** filter=git-crypt diff=git-crypt\n');
      return repo.root;
    },
    /has files encrypted by git-crypt, which does not work in a worktree: /,
  ],
  'git-crypt as it really is, with attributes in a folder': [
    () => {
      const { status } = spawnSync('git-crypt', ['init'], { cwd: repo.root, env: { ...process.env, HOME: repo.home } });
      // What it writes, where it is not installed.
      if (status !== 0) set('filter.git-crypt.clean', 'git-crypt clean');
      mkdirSync(join(repo.root, 'secrets'));
      writeFileSync(join(repo.root, 'secrets/.gitattributes'), '* filter=git-crypt diff=git-crypt\n');
      return repo.root;
    },
    /has files encrypted by git-crypt, which does not work in a worktree: /,
  ],
  'no commits, and no remote': [
    () => {
      const at = join(repo.home, 'empty');
      git(repo.home, 'init', '--quiet', '-b', 'main', at);
      return at;
    },
    /has no commits yet and no remote, so that there is nothing to start a worktree from$/,
  ],
  'a checkout by git-new-workdir': [
    () => {
      const at = join(repo.home, 'shared');
      mkdirSync(join(at, '.git'), { recursive: true });
      for (const name of ['config', 'refs', 'objects', 'info']) symlinkSync(join(repo.root, '.git', name), join(at, '.git', name));
      writeFileSync(join(at, '.git/HEAD'), 'ref: refs/heads/main\n');
      return at;
    },
    /\.git\/config is a link: .* shares it with another checkout, as git-new-workdir makes it$/,
  ],
  'a path with a line’s end': [
    () => {
      const at = join(repo.home, 'a\nb');
      git(repo.home, 'clone', '--quiet', repo.remote ?? '', at);
      return at;
    },
    /^the path .*\/a b holds a line’s end: git’s own files and tac8’s name a path in one line$/,
  ],
  reftable: [
    () => {
      mkdirSync(join(repo.root, '.git/reftable'));
      // As git 2.45 and newer write it.
      appendFileSync(join(repo.root, '.git/config'), '[core]\n\trepositoryformatversion = 1\n[extensions]\n\trefStorage = reftable\n');
      return repo.root;
    },
    /keeps its refs in the reftable format/,
  ],
};

/** Names and times of all there is. */
function everything(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => `${name} ${statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs}`)
    .sort();
}

test.each(Object.entries(REFUSED))('%s: one sentence, and nothing is written', async (_, [make, words]) => {
  const from = make();
  const before = everything(repo.home);
  const place = await findPlace(from, {});
  const refusal = await refused(place);
  expect(refusal?.says).toMatch(words);
  expect(refusal?.mend).not.toBe('');
  expect(everything(repo.home)).toEqual(before);
});

test('a folder called reftable says nothing of how refs are kept: a worker can make it', async () => {
  mkdirSync(join(repo.root, '.git/reftable'));
  expect(await refused(await findPlace(repo.root, {}))).toBeNull();
});

test('remotes and branches that a worker adds keep no daemon from starting again', async () => {
  for (const name of ['a branch called auto', 'several remotes without origin']) REFUSED[name]?.[0]();
  const place = await findPlace(repo.root, {});
  expect(await refused(place)).not.toBeNull();
  expect(await refused(place, false)).toBeNull();
});

test('a bare repository itself is refused', async () => {
  await expect(findPlace(repo.remote ?? '', {})).rejects.toThrow('is a bare repository');
});

test.skipIf(process.getuid?.() !== 0)(
  'a folder of git that this user may not write: init, doctor and start refuse it alike',
  { timeout: 60_000 },
  async (context) => {
    const place = await workplace(context, { user: 12345 });
    rmSync(join(place.root, 'tac8.yaml'));
    mkdirSync(join(place.home, 'home'), { recursive: true });
    writeFileSync(join(place.home, 'home/.gitconfig'), '[safe]\n\tdirectory = *\n');
    execFileSync('chown', ['-R', '0:0', join(place.root, '.git')]);
    const words = `this user may not write ${join(place.root, '.git')}, where each task gets a branch and a worktree`;
    for (const command of ['init', 'doctor', 'start']) {
      const { code, out, err } = await place.tac8(command);
      expect([command, code, `${out}${err}`.includes(words)]).toEqual([command, 1, true]);
    }
    expect(readdirSync(place.root).sort()).toEqual(['.git', 'README.md']);
  },
);
