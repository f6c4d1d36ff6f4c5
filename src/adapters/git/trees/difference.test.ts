import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type GitWorld, makeGitWorld, RUN } from '../../../../test/support/git/git-workspaces.ts';
import type { Difference } from '../workspaces.ts';

let world: GitWorld;
let start: string;
beforeEach(async () => {
  world = makeGitWorld({ files: { 'a.txt': 'a\n', 'gone.txt': 'x\n', '.gitignore': 'ignored\n' } });
  start = world.git(['rev-parse', 'HEAD']);
  await world.ensure();
});
afterEach(() => world.remove());

const look = async (form: 'patch' | 'stat' | 'files' = 'files', startedFrom: string | null = start): Promise<Difference> => {
  const found = await world.spaces.difference(world.task, { form, startedFrom });
  if (found === null) throw new Error('no work');
  return found;
};
const files = async (): Promise<readonly string[]> =>
  (await look()).files.map(({ path, status, added, removed }) => `${status} ${path} +${added} -${removed}`);
const changeAll = (): void => {
  world.commit('Committed', { 'committed.txt': 'c\n' }, world.tree);
  world.write('a.txt', 'b\nb\n', world.tree);
  world.write('new file "ä".txt', 'n\n', world.tree);
  world.write('ignored', 'no\n', world.tree);
  world.write('binary', Buffer.from([0, 1, 2]), world.tree);
  rmSync(join(world.tree, 'gone.txt'));
};
const ALL = [
  'modified a.txt +2 -1',
  'added binary +null -null',
  'added committed.txt +1 -0',
  'deleted gone.txt +0 -1',
  'added new file "ä".txt +1 -0',
];

describe('a worktree', () => {
  test('committed or not, new, deleted, binary: all is there, and nothing of the worktree or its index changes', async () => {
    changeAll();
    const before = world.git(['status', '--porcelain'], world.tree);
    expect(await files()).toEqual(ALL);
    expect(world.git(['status', '--porcelain'], world.tree)).toBe(before);
    expect(readdirSync(join(world.root, '.tac8/git/scratch'))).toEqual([]);
  });
  test('the patch makes the base into what is there', async () => {
    changeAll();
    rmSync(join(world.tree, 'binary'));
    const patch = join(world.home, 'patch');
    writeFileSync(patch, Buffer.from((await look('patch')).text, 'latin1'));
    world.git(['apply', '--index', patch]);
    expect(world.git(['diff', '--cached', '--stat', world.git(['rev-parse', 'HEAD'], world.tree), '--', 'committed.txt'])).toBe('');
    expect(existsSync(join(world.root, 'new file "ä".txt'))).toBe(true);
    expect(existsSync(join(world.root, 'gone.txt'))).toBe(false);
  });
  test('what the base branch got meanwhile is not shown, also after it was merged into the branch', async () => {
    world.commit('Work', { 'w.txt': 'w\n' }, world.tree);
    world.commit('Others', { 'others.txt': 'o\n' });
    expect(await files()).toEqual(['added w.txt +1 -0']);
    world.git(['merge', '--quiet', '--no-edit', 'main'], world.tree);
    expect(await files()).toEqual(['added w.txt +1 -0']);
  });
  test('work that was merged into the base branch is compared with what it started from', async () => {
    world.commit('Work', { 'w.txt': 'w\n' }, world.tree);
    world.git(['merge', '--quiet', '--ff-only', world.task.branch]);
    expect(await files()).toEqual(['added w.txt +1 -0']);
  });
  test('no program of the repository’s settings is run', async () => {
    const trap = join(world.home, 'trap.sh');
    writeFileSync(trap, `#!/bin/sh\ntouch ${join(world.home, 'sprung')}\n`);
    chmodSync(trap, 0o755);
    world.git(['config', 'diff.external', trap]);
    world.git(['config', 'diff.x.textconv', trap]);
    world.git(['config', 'core.fsmonitor', trap]);
    world.write('.gitattributes', '* diff=x\n', world.tree);
    world.write('a.txt', 'b\n', world.tree);
    expect((await look('patch')).text).toContain('+b');
    expect(existsSync(join(world.home, 'sprung'))).toBe(false);
  });
  test('a filter whose program is missing does not hide the change', async () => {
    world.git(['config', 'filter.lfs.clean', 'not-installed']);
    world.git(['config', 'filter.lfs.required', 'true']);
    world.write('.gitattributes', 'a.txt filter=lfs\n', world.tree);
    world.write('a.txt', 'big\n', world.tree);
    expect(await files()).toContain('modified a.txt +1 -1');
  });
  test('a repository inside is named, not shown', async () => {
    mkdirSync(join(world.tree, 'inner'));
    world.git(['init', '--quiet', join(world.tree, 'inner')]);
    world.write('inner/f.txt', 'f\n', world.tree);
    world.write('n.txt', 'n\n', world.tree);
    expect(await look()).toMatchObject({ inside: ['inner'], files: [{ path: 'n.txt' }] });
  });
});

describe('without the worktree', () => {
  const drop = async (): Promise<void> => {
    await world.spaces.save(world.task, RUN, 'end');
    await world.spaces.remove(world.task, RUN);
  };
  test('the snapshot has what was not committed', async () => {
    changeAll();
    await drop();
    const found = await look();
    expect(found.from.kind).toBe('snapshot');
    expect(found.files.map(({ path }) => path)).toEqual(['a.txt', 'binary', 'committed.txt', 'gone.txt', 'new file "ä".txt']);
  });
  test('the branch, where it has gone on since or there is no snapshot', async () => {
    world.write('n.txt', 'n\n', world.tree);
    await world.spaces.save(world.task, RUN, 'timer');
    world.git(['add', '-A'], world.tree);
    world.git(['commit', '--quiet', '-m', 'All of it'], world.tree);
    await drop();
    expect(await look()).toMatchObject({ from: { kind: 'branch' }, files: [{ path: 'n.txt', status: 'added' }] });
  });
  test('nothing anywhere: null', async () => {
    expect(
      await world.spaces.difference({ ...world.task, id: 'gh-9', branch: 'auto/gh-9' }, { form: 'files', startedFrom: null }),
    ).toBeNull();
  });
});
