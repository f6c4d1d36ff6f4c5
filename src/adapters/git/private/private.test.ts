import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BoxedGit, makeBoxedGit } from '../../../../test/support/git/boxed-git.ts';
import { NEVER, RUN } from '../../../../test/support/git/git-workspaces.ts';
import { readInBox } from '../../process/box/reading.ts';
import { createPrivateGit } from './private.ts';
import type { ReadInBox } from './script.ts';

let world: BoxedGit;
beforeEach(async () => {
  world = makeBoxedGit();
  await world.ensure();
});
afterEach(() => world.remove());

const COMMIT = 'echo one >one.txt && git add -A && git commit -qm one';
const git = (...args: string[]): string => world.git(args);
const tip = (): string => git('rev-parse', 'auto/gh-1');

test('a commit made in the box is on the branch, and the worktree is clean for a person outside', async () => {
  const before = tip();
  const { said, code } = await world.inside(`${COMMIT} && git status --porcelain && git log --oneline | wc -l`, true);
  expect(code, said).toBe(0);
  expect(tip()).toBe(before);
  await world.boxes.take('gh-1', false);
  expect(tip()).not.toBe(before);
  expect(git('-C', world.tree, 'log', '-1', '--format=%s')).toBe('one');
  expect(git('-C', world.tree, 'status', '--porcelain')).toBe('');
  expect(await world.spaces.inspect(world.task, before)).toMatchObject({ commits: 1, dirty: false, changed: true });
  expect(git('fsck', '--strict', '--no-dangling')).toBe('');
});

test('nothing that the box does to git reaches the repository', async () => {
  const files = [
    'config',
    'hooks/pre-commit',
    'packed-refs',
    'refs/heads/main',
    'worktrees/gh-1/commondir',
    'info/attributes',
    'objects/info/alternates',
  ];
  const look = (): readonly (string | null)[] =>
    files.map((name) => (existsSync(join(world.root, '.git', name)) ? readFileSync(join(world.root, '.git', name), 'utf8') : null));
  const before = look();
  const { said } = await world.inside(
    `cd ${world.root}/.git; git config core.fsmonitor /tmp/evil; echo x >hooks/pre-commit; git update-ref refs/heads/main HEAD~0; git branch -f main;
     git tag evil; echo /tmp >worktrees/gh-1/commondir; echo '* filter=evil' >info/attributes; rm -rf /run/tac8-git/objects/*; echo in >>packed-refs`,
    true,
  );
  expect(said).toContain('Read-only file system');
  await world.boxes.take('gh-1', true);
  expect(look()).toEqual(before);
  expect(git('tag')).toBe('');
  expect(git('fsck', '--strict', '--no-dangling')).toBe('');
});

test('what is staged, stashed and on other branches goes on from box to box, and is saved', async () => {
  const script = `${COMMIT}; echo two >>one.txt; git stash -q; git checkout -qb side; echo s >side.txt; git add -A; git commit -qm side;
    git checkout -q auto/gh-1; echo staged >staged.txt; git add -A; git tag mark`;
  expect((await world.inside(script, true)).said).toBe('');
  await world.boxes.take('gh-1', false);
  expect(git('-C', world.tree, 'status', '--porcelain')).toBe('A  staged.txt');
  expect(git('branch', '--list', 'side')).toBe('');
  const again = await world.inside(
    'git status --porcelain; git log -1 --format=%s side; git tag; git stash list | wc -l; git stash show -p stash@{0}',
    true,
  );
  expect(again.said).toMatch(/^A {2}staged\.txt\nside\nmark\n1\n[\s\S]*\+two/);
  const { ref } = await world.spaces.save(world.task, RUN, 'a test');
  const held = git('rev-list', '--format=%s', String(ref));
  expect(held).toContain('side');
});

test('commits on no branch come onto it once the worker is gone', async () => {
  await world.inside(`git checkout -q --detach; ${COMMIT}`, true);
  const { done } = await world.spaces.mendAfterKill(world.task, RUN);
  expect(done.join()).toContain('the branch now has its commits');
  expect(git('log', '-1', '--format=%s', 'auto/gh-1')).toBe('one');
  await world.inside(`git checkout -qb side; echo s >side.txt; git add -A; git commit -qm side; git checkout -q auto/gh-1`, true);
  expect((await world.spaces.mendAfterKill(world.task, RUN)).done).toEqual(['auto/gh-1 has the commits of side now']);
});

test('a person’s commit meanwhile is kept, and so are the worker’s', async () => {
  await world.inside('true', true);
  writeFileSync(join(world.tree, 'person.txt'), 'mine');
  git('-C', world.tree, 'add', 'person.txt');
  git('-C', world.tree, 'commit', '-qm', 'by a person');
  await world.inside(COMMIT);
  await world.boxes.take('gh-1', false);
  expect(git('log', '-1', '--format=%s', 'auto/gh-1')).toBe('by a person');
  expect(world.logged.map(({ message }) => message).join()).toContain('was moved outside meanwhile');
  expect(git('log', '-1', '--format=%s', `${git('for-each-ref', '--format=%(refname)', 'refs/tac8/saved')}^`)).toBe('one');
});

test('a branch that the worker writes anew moves with it, before anything was taken over, too, and a person’s commit is no part of that', async () => {
  const begun = tip();
  await world.inside('git commit -q --amend --allow-empty -m anew', true);
  expect(git('for-each-ref', 'refs/tac8/taken')).toBe('');
  await world.boxes.take('gh-1', false);
  expect(git('log', '-1', '--format=%s', 'auto/gh-1')).toBe('anew');
  expect(tip()).not.toBe(begun);
  expect(git('for-each-ref', '--format=%(objectname)', 'refs/tac8/taken')).toBe(tip());
  await world.inside('git commit -q --amend --allow-empty -m "anew again"');
  git('update-ref', 'refs/heads/auto/gh-1', begun);
  await world.boxes.take('gh-1', false);
  expect(tip()).toBe(begun);
  expect(world.logged.map(({ message }) => message).join()).toContain('was moved outside meanwhile');
});

test('a repository inside of the repository does not come onto the branch', async () => {
  const before = tip();
  await world.inside(
    'git init -q inner && cd inner && git commit -q --allow-empty -m x && cd .. && git add -A 2>/dev/null && git commit -qm nested',
    true,
  );
  await world.boxes.take('gh-1', false);
  expect(tip()).toBe(before);
  expect(world.logged.map(({ message }) => message).join()).toContain('a repository inside of the repository, "inner"');
});

test('objects that lie are not believed', async () => {
  const main = git('rev-parse', 'main:');
  // A pack and a loose object under the name of what is here, with other content.
  await world.inside(
    `${COMMIT}; t=${main}; d=${world.root}/.git/objects/$(echo $t | cut -c1-2); mkdir -p $d; rm -f $d/*; cp "$(find ${world.root}/.git/objects -type f -size -1 | head -1)" $d/$(echo $t | cut -c3-)`,
    true,
  );
  await world.boxes.take('gh-1', false);
  expect(git('fsck', '--strict', '--no-dangling')).toBe('');
});

test('a broken folder costs the worker its commits, and nobody else anything', async () => {
  const before = tip();
  await world.inside(`${COMMIT}; rm -rf ${world.root}/.git/objects/*; mkfifo ${world.root}/.git/worktrees/gh-1/x`, true);
  await world.boxes.take('gh-1', false);
  expect(tip()).toBe(before);
  expect(world.logged.map(({ message }) => message).join()).toContain('not taken over');
  // Its files are there, and another run begins.
  expect((await world.inside('cat one.txt; git status --porcelain', true)).said).toBe('one\n?? one.txt\n');
});

test('what cannot be taken over for want of room is taken over once there is some', async () => {
  await world.inside(COMMIT, true);
  const full = openSync('/dev/full', 'w');
  const read: ReadInBox = (what) => readInBox({ ...what, into: full });
  const options = { root: world.root, dir: 'trees', branchPrefix: 'auto/', gitTimeoutMs: () => 15_000 };
  await expect(createPrivateGit({ ...options, read }).take('gh-1', true)).rejects.toMatchObject({
    sort: 'retryable',
    message: expect.stringMatching(/^there is no room for what a worker committed: .*diskspace/),
  });
  closeSync(full);
  await world.boxes.take('gh-1', false);
  expect(git('log', '-1', '--format=%s', 'auto/gh-1')).toBe('one');
});

test('many files come as one pack, and the worktree goes with all that was the box’s', async () => {
  await world.inside('for n in $(seq 300); do echo $n >f$n; done; git add -A; git commit -qm many', true);
  await world.spaces.save(world.task, RUN, 'a test');
  expect(git('ls-tree', '--name-only', 'auto/gh-1').split('\n').length).toBeGreaterThan(300);
  expect(git('fsck', '--strict', '--no-dangling')).toBe('');
  await world.spaces.remove(world.task, RUN);
  expect(git('for-each-ref', '--format=%(refname)', 'refs/tac8/taken')).toBe('');
  expect(existsSync(join(world.root, '.tac8/git/boxes/gh-1'))).toBe(false);
});

test('the daemon that comes after takes over what was done meanwhile', async () => {
  await world.inside(COMMIT, true);
  world.spaces.signs('gh-1');
  await expect.poll(() => git('log', '-1', '--format=%s', 'auto/gh-1'), { timeout: 20_000 }).toBe('one');
  await world.spaces.ensure(world.task, NEVER);
  expect(git('-C', world.tree, 'status', '--porcelain')).toBe('');
});
