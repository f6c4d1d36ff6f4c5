import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workplace } from '../../support/world/daemon.ts';

/*
 * A worker breaks what all tasks share of the repository. The canary is the next task, of somebody else: tac8 makes its worktree, saves its work and
 * delivers it where the worker's own git could commit. A person's commands go on, too: each look here is one. Whatever no git can read is put right by tac8.
 */

type Break = (git: string) => void;

const set =
  (...settings: readonly string[]): Break =>
  (git) =>
    writeFileSync(join(git, 'config'), settings.map((one) => one.replace(/^(\w+)\./, '[$1]\n\t')).join('\n'), { flag: 'a' });
const write =
  (text: string, ...names: readonly string[]): Break =>
  (git) => {
    for (const name of names) {
      rmSync(join(git, name), { recursive: true, force: true });
      writeFileSync(join(git, name), text);
    }
  };

const DONE = 'completed';

const FAULTS: readonly (readonly [string, Break, string])[] = [
  ['core.bare', set('core.bare = true'), DONE],
  ['core.worktree', set('core.worktree = /nowhere'), DONE],
  ['a format that nobody knows', set('core.repositoryformatversion = 99'), DONE],
  ['an extension that nobody knows', set('core.repositoryformatversion = 1', 'extensions.new = true'), DONE],
  ['objects of another kind', set('core.repositoryformatversion = 1', 'extensions.objectformat = sha256'), DONE],
  ['settings that are none', write('[[[\n', 'config'), DONE],
  [
    'a folder in place of the settings',
    (git) => {
      rmSync(join(git, 'config'));
      mkdirSync(join(git, 'config', 'x'), { recursive: true });
    },
    DONE,
  ],
  [
    'HEAD, a link to nowhere',
    (git) => {
      rmSync(join(git, 'HEAD'));
      symlinkSync('/nowhere/at/all', join(git, 'HEAD'));
    },
    DONE,
  ],
  ['packed refs that are none', write('<<<<<<< no refs\n', 'packed-refs'), DONE],
  ['a file in place of the remote’s refs', write('no folder\n', 'refs/remotes'), DONE],
  ['a pipe among the branches', (git) => expect(spawnSync('mkfifo', [join(git, 'refs/heads/pipe')]).status).toBe(0), DONE],
  ['no HEAD', (git) => rmSync(join(git, 'HEAD')), DONE],
  ['locks', write('', 'index.lock', 'HEAD.lock', 'config.lock', 'packed-refs.lock', 'shallow.lock', 'refs/heads/main.lock'), DONE],
];
const SHARED = ['config', 'HEAD'];
const ADDED = ['index.lock', 'HEAD.lock', 'config.lock', 'packed-refs.lock', 'shallow.lock', 'refs/heads/main.lock'];

test('a repository that one worker broke costs no other its task', { timeout: 600_000 }, async (context) => {
  const place = await workplace(context);
  place.configure({
    limits: { min_free_memory: '16MiB', min_free_disk: '16MiB', attempts: 1 },
    agent: place.agent(`echo "$TAC8_TASK" >done.txt; git add -A; git commit -qm work; exit 0`),
  });
  let daemon = place.start();
  const git = join(place.root, '.git');
  const aside = join(place.home, 'aside');
  const end = async (title: string): Promise<string> => {
    const number = place.issue(title);
    const ended = async () =>
      (await place.status()).tasks.find(({ id, state }) => id === `gh-${number}` && ['completed', 'failed', 'blocked'].includes(state));
    const { state, reason } = await place.until(title, ended, 100_000);
    return `${state} ${reason?.type ?? ''} ${reason?.message ?? ''}`.trim();
  };
  expect(await end('Before')).toBe(DONE);
  for (const [name, breaks, expected] of FAULTS) {
    rmSync(aside, { recursive: true, force: true });
    for (const one of SHARED) cpSync(join(git, one), join(aside, one));
    breaks(git);
    expect({ [name]: await end(name) }).toEqual({ [name]: expected });
    if (name === 'core.bare') {
      // Nor does it keep the daemon from beginning again.
      expect((await daemon.end('SIGTERM')).code).toBe(0);
      daemon = place.start();
      expect(await end('After a restart')).toBe(DONE);
    }
    for (const one of [...SHARED, ...ADDED]) rmSync(join(git, one), { recursive: true, force: true });
    cpSync(aside, git, { recursive: true });
  }
  expect((await daemon.end('SIGTERM')).code).toBe(0);
});
