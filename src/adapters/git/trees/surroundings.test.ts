import { mkdirSync, readFileSync, renameSync, statSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type GitWorld, makeGitWorld, NEVER } from '../../../../test/support/git/git-workspaces.ts';
import { PortError } from '../../../engine/ports/error.ts';

let world: GitWorld;
beforeEach(() => {
  world = makeGitWorld({ remote: true });
});
afterEach(() => world.remove());

const failure = async (work: Promise<unknown>): Promise<PortError> => {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof PortError) return error;
  throw new Error(`no PortError, but ${String(error)}`);
};

describe('the base', () => {
  test('is fetched: a commit that others pushed is in the new worktree', async () => {
    const other = join(world.home, 'clone');
    world.git(['clone', '--quiet', world.remote ?? '', other]);
    const theirs = world.commit('Theirs', { 't.txt': 't' }, other);
    world.git(['push', '--quiet'], other);
    expect((await world.ensure()).baseCommit).toBe(theirs);
  });

  test('an unreachable remote: goes on with what is here, and says so', async () => {
    renameSync(world.remote ?? '', `${world.remote}.away`);
    expect((await world.ensure()).created).toBe(true);
    expect(world.logged.find(({ level }) => level === 'warn')?.message).toContain('could not be fetched');
  });

  test('missing: named', async () => {
    const error = await failure(world.again({ baseBranch: 'develop' }).ensure(world.task, NEVER));
    expect(error).toMatchObject({ sort: 'terminal' });
    expect(error.message).toContain('develop');
  });

  test('none configured, no remote: what is checked out', async () => {
    world.git(['checkout', '--quiet', '-b', 'develop']);
    const tip = world.commit('On develop', { 'd.txt': 'd' });
    expect((await world.again({ remote: null }).ensure(world.task, NEVER)).baseCommit).toBe(tip);
  });

  test('packed refs are read too', async () => {
    world.git(['pack-refs', '--all']);
    await world.ensure();
    world.git(['pack-refs', '--all']);
    expect((await world.ensure()).created).toBe(false);
  });
});

describe('places where nothing can be made', () => {
  test('no commits yet', async () => {
    const empty = makeGitWorld({ files: {} });
    const error = await failure(empty.ensure());
    empty.remove();
    expect(error).toMatchObject({ sort: 'terminal' });
    expect(error.message).toContain('no commits yet');
  });

  test('no repository, a bare one, a folder inside of a checkout', async () => {
    const plain = join(world.home, 'plain');
    mkdirSync(plain);
    const of = (root: string) => failure(world.again({ root }).prepareRepository());
    expect(await of(plain)).toMatchObject({ sort: 'terminal', message: `${plain} is not a git repository` });
    expect((await of(world.remote ?? '')).message).toContain('bare');
    const inside = join(world.root, 'inside');
    mkdirSync(inside);
    expect((await of(inside)).message).toContain('not at its top');
    expect(await of(join(world.home, 'nowhere'))).toMatchObject({ sort: 'terminal' });
  });

  test('a task id that is none', async () => {
    const odd = { ...world.task, id: '../../etc' as 'gh-1' };
    expect(await failure(world.spaces.ensure(odd, NEVER))).toMatchObject({ sort: 'terminal' });
  });
});

test('a path with blanks, quotes and unicode', async () => {
  const odd = makeGitWorld({ name: 'mein "Projekt" ü$(id) 日本' });
  expect((await odd.ensure()).created).toBe(true);
  odd.write('ä b.txt', 'x', odd.tree);
  expect((await odd.spaces.save(odd.task, 'w-aaaaaa', 'test')).ref).not.toBeNull();
  await odd.spaces.remove(odd.task, 'w-aaaaaa');
  await odd.spaces.restore(odd.task);
  expect(readFileSync(join(odd.tree, 'ä b.txt'), 'utf8')).toBe('x');
  odd.remove();
});

test('a repository with SHA-256 ids', async () => {
  const long = makeGitWorld({ objectFormat: 'sha256', remote: true });
  expect((await long.ensure()).baseCommit).toMatch(/^[0-9a-f]{64}$/);
  long.commit('Work', { 'a.txt': 'a' }, long.tree);
  long.write('b.txt', 'b', long.tree);
  expect((await long.spaces.push(long.task, NEVER)).commit).toMatch(/^[0-9a-f]{64}$/);
  await long.spaces.save(long.task, 'w-aaaaaa', 'test');
  await long.spaces.remove(long.task, 'w-aaaaaa');
  await long.spaces.restore(long.task);
  expect(readFileSync(join(long.tree, 'b.txt'), 'utf8')).toBe('b');
  long.remove();
});

test('started in a linked worktree of a person', async () => {
  const root = join(world.home, 'linked');
  const base = world.commit('On another branch', { 'o.txt': 'o' });
  world.git(['worktree', 'add', '--quiet', '-b', 'person', root]);
  const made = await world.again({ root, remote: null }).ensure(world.task, NEVER);
  expect(made).toEqual({ path: join(root, 'trees/gh-1'), baseCommit: base, created: true });
  expect(world.git(['status', '--porcelain'], root)).toBe('');
});

test('changes in the main checkout are seen, our own files aside', async () => {
  await world.ensure();
  expect(await world.spaces.mainChanges()).toEqual([]);
  world.write('README.md', 'edited by mistake');
  world.write('src/ü.ts', 'new');
  world.write('logs/gh-1.jsonl', '{}');
  const paths = ['README.md', 'src/ü.ts'];
  expect(await world.spaces.mainChanges()).toEqual(paths);
  const times = paths.map((path) => statSync(join(world.root, path)).ctimeMs);
  expect(await world.spaces.mainUnchangedSince(paths, Math.min(...times))).toEqual([]);
  expect(await world.spaces.mainUnchangedSince(paths, Math.max(...times) + 1)).toEqual(paths);
  // One that is gone went when its folder changed.
  unlinkSync(join(world.root, 'README.md'));
  const { ctimeMs } = statSync(world.root);
  expect(await world.spaces.mainUnchangedSince(['README.md'], ctimeMs)).toEqual([]);
  expect(await world.spaces.mainUnchangedSince(['README.md'], ctimeMs + 1)).toEqual(['README.md']);
});

test('trees may be a link to another place', async () => {
  mkdirSync(join(world.home, 'big-disk'));
  symlinkSync(join(world.home, 'big-disk'), join(world.root, 'trees'));
  expect((await world.ensure()).created).toBe(true);
  expect((await world.ensure()).created).toBe(false);
});
