import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { contentOf, type GitWorld, makeGitWorld, NEVER, RUN } from '../../../../test/support/git/git-workspaces.ts';

let world: GitWorld;
let admin: string;
beforeEach(async () => {
  world = makeGitWorld({ files: { 'README.md': 'read\n', '.gitignore': 'ignored/\n*.env\n', 'dir/a.txt': 'a\n', 'dir/b.txt': 'b\n' } });
  await world.ensure();
  admin = join(world.root, '.git/worktrees/gh-1');
});
afterEach(() => world.remove());

const save = (reason = 'test') => world.spaces.save(world.task, RUN, reason);
const filesIn = (commit: string): string[] => world.git(['ls-tree', '-r', '-z', '--name-only', commit]).split('\0').slice(0, -1).sort();
const show = (commit: string, path: string): string => world.git(['show', `${commit}:${path}`]);
const reachable = (from: string, commit: string): boolean => world.tryGit(['merge-base', '--is-ancestor', commit, from]).code === 0;
/** What a save may not touch. */
const untouched = () => ({
  head: readFileSync(join(admin, 'HEAD'), 'utf8'),
  index: readFileSync(join(admin, 'index')).toString('base64'),
  branches: world.git(['for-each-ref', 'refs/heads']),
  files: contentOf(world.tree),
});

describe('what a snapshot holds', () => {
  test('nothing of its own: no ref', async () => {
    expect(await save()).toMatchObject({ ref: null, commit: null });
    world.commit('On the branch', { 'a.txt': 'a' }, world.tree);
    expect(await save()).toMatchObject({ ref: null, commit: null });
  });

  test('changed, staged, new, executable, linked, oddly named and deleted files; not ignored ones', async () => {
    world.write('dir/a.txt', 'changed', world.tree);
    world.write('staged.txt', 'staged', world.tree);
    world.git(['add', 'staged.txt'], world.tree);
    world.write('new\nline "q" ü.txt', 'odd', world.tree);
    writeFileSync(Buffer.concat([Buffer.from(`${world.tree}/`), Buffer.from([0xff, 0xfe])]), 'not utf-8');
    world.write('run.sh', '#!/bin/sh', world.tree);
    chmodSync(join(world.tree, 'run.sh'), 0o755);
    symlinkSync('/etc/passwd', join(world.tree, 'link'));
    world.write('ignored/x', 'i', world.tree);
    unlinkSync(join(world.tree, 'dir/b.txt'));
    const before = untouched();
    const { ref, commit } = await save('because');
    expect(untouched()).toEqual(before);
    expect(ref).toBe('refs/tac8/saved/gh-1/w-aaaaaa/1');
    const listing = world.git(['ls-tree', '-r', commit ?? '']);
    expect(listing).toContain('100755 blob');
    expect(listing).toMatch(/120000 blob \w+\tlink/);
    expect(show(commit ?? '', 'link')).toBe('/etc/passwd');
    expect(show(commit ?? '', 'dir/a.txt')).toBe('changed');
    const names = filesIn(commit ?? '');
    expect(names).toContain('new\nline "q" ü.txt');
    expect(names).toContain('staged.txt');
    expect(names).not.toContain('dir/b.txt');
    expect(names).not.toContain('ignored/x');
    expect(listing).toContain('\\377\\376');
    expect(world.git(['log', '-1', '--format=%s', commit ?? ''])).toBe('Snapshot of gh-1 (w-aaaaaa): because');
    expect(world.git(['rev-parse', `${commit}^`])).toBe(world.git(['rev-parse', 'auto/gh-1']));
  });

  test('the same again: no new ref; a change: the next number', async () => {
    world.write('new.txt', '1', world.tree);
    const first = await save();
    expect(await save('again')).toEqual(first);
    expect(await world.again().save(world.task, 'w-bbbbbb', 'another run')).toEqual(first);
    world.write('new.txt', '2', world.tree);
    expect((await save()).ref).toBe('refs/tac8/saved/gh-1/w-aaaaaa/2');
    expect((await world.spaces.listSaved('gh-1')).map(({ n }) => n)).toEqual([2, 1]);
  });

  test('ignored files that the patterns name', async () => {
    world.write('secret.env', 's', world.tree);
    world.write('ignored/deep/keep.me', 'k', world.tree);
    world.write('ignored/other', 'o', world.tree);
    const spaces = world.again({ saveGlobs: ['*.env', 'ignored/**/keep.me'] });
    const { commit } = await spaces.save(world.task, RUN, 'test');
    expect(filesIn(commit ?? '')).toEqual(['.gitignore', 'README.md', 'dir/a.txt', 'dir/b.txt', 'ignored/deep/keep.me', 'secret.env']);
  });

  test('detached commits, and those that only the reflog still names', async () => {
    world.git(['checkout', '--quiet', '--detach'], world.tree);
    const lost = world.commit('Reset away', { 'lost.txt': 'l' }, world.tree);
    world.git(['reset', '--quiet', '--hard', 'HEAD~1'], world.tree);
    const amended = world.commit('To be amended', { 'm.txt': 'm' }, world.tree);
    world.git(['commit', '--quiet', '--amend', '-m', 'Other words'], world.tree);
    const detached = world.commit('Detached', { 'd.txt': 'd' }, world.tree);
    const { commit } = await save();
    expect(world.git(['rev-parse', `${commit}^1`])).toBe(detached);
    expect([lost, amended].map((one) => reachable(commit ?? '', one))).toEqual([true, true]);
  });

  test('what is staged but neither committed nor in the folder', async () => {
    world.write('a.txt', 'staged words', world.tree);
    world.git(['add', 'a.txt'], world.tree);
    unlinkSync(join(world.tree, 'a.txt'));
    const { commit } = await save();
    expect(world.git(['show', `${commit}^2:a.txt`])).toBe('staged words');
  });

  test('a change of the same size in the same instant, and files that git was told to overlook', async () => {
    const at = new Date(Date.now() - 5000);
    const touch = (path: string) => utimesSync(join(world.tree, path), at, at);
    world.git(['update-index', '--assume-unchanged', 'dir/a.txt'], world.tree);
    world.git(['update-index', '--skip-worktree', 'dir/b.txt'], world.tree);
    world.write('dir/a.txt', 'overlooked', world.tree);
    world.write('dir/b.txt', 'skipped', world.tree);
    // Else the change shows by its ctime, which no program can set back.
    world.git(['config', 'core.trustctime', 'false']);
    world.write('same.txt', 'one', world.tree);
    touch('same.txt');
    world.git(['add', 'same.txt'], world.tree);
    utimesSync(join(admin, 'index'), at, at);
    world.write('same.txt', 'two', world.tree);
    touch('same.txt');
    const { commit } = await save();
    expect([show(commit ?? '', 'same.txt'), show(commit ?? '', 'dir/a.txt'), show(commit ?? '', 'dir/b.txt')]).toEqual([
      'two',
      'overlooked',
      'skipped',
    ]);
  });

  test('a sparse checkout’s absent files are no deletions', async () => {
    world.git(['sparse-checkout', 'set', '--no-cone', '/README.md'], world.tree);
    world.write('new.txt', 'n', world.tree);
    const { commit } = await save();
    expect(filesIn(commit ?? '')).toContain('dir/a.txt');
  });

  test('100 MB in one file', async () => {
    writeFileSync(join(world.tree, 'big.bin'), Buffer.alloc(100 * 1024 * 1024, 'tac8 '));
    const { commit } = await save();
    expect(world.git(['cat-file', '-s', `${commit}:big.bin`])).toBe(String(100 * 1024 * 1024));
  }, 60_000);
});

describe('states that stand in the way of a plain commit', () => {
  test('a stale index.lock', async () => {
    writeFileSync(join(admin, 'index.lock'), '');
    world.write('new.txt', 'n', world.tree);
    expect(filesIn((await save()).commit ?? '')).toContain('new.txt');
  });

  test('an index that git cannot read', async () => {
    world.write('new.txt', 'n', world.tree);
    writeFileSync(join(admin, 'index'), 'garbage');
    expect(filesIn((await save()).commit ?? '')).toEqual(['.gitignore', 'README.md', 'dir/a.txt', 'dir/b.txt', 'new.txt']);
  });

  test.each(['merge', 'rebase', 'cherry-pick'])('a half %s with conflicts', async (what) => {
    world.git(['checkout', '--quiet', '-b', 'other', 'main']);
    const theirs = world.commit('Theirs', { 'dir/a.txt': 'theirs\n' });
    const mine = world.commit('Mine', { 'dir/a.txt': 'mine\n' }, world.tree);
    expect(world.tryGit([what, 'other'], world.tree).code).toBe(1);
    world.write('half.txt', 'h', world.tree);
    const before = untouched();
    const { commit } = await save();
    expect(untouched()).toEqual(before);
    expect(show(commit ?? '', 'dir/a.txt')).toContain('<<<<<<<');
    expect(filesIn(commit ?? '')).toContain('half.txt');
    world.git(['checkout', '--quiet', 'main']);
    world.git(['branch', '-D', '--quiet', 'other']);
    const again = await save();
    expect(reachable(again.commit ?? '', theirs) || what === 'rebase').toBe(true);
    expect(reachable(again.commit ?? '', mine) || world.git(['branch', '--contains', mine]).includes('auto/gh-1')).toBe(true);
  });

  test('a branch without commits', async () => {
    world.git(['checkout', '--quiet', '--orphan', 'nothing'], world.tree);
    world.git(['rm', '-r', '--quiet', '--cached', '.'], world.tree);
    const { commit } = await save();
    expect(filesIn(commit ?? '')).toContain('README.md');
  });

  test('a filter whose program is missing', async () => {
    world.git(['config', 'filter.big.clean', 'no-such-program-of-mine']);
    world.git(['config', 'filter.big.required', 'true']);
    world.write('.gitattributes', '*.big filter=big\n', world.tree);
    world.write('a.big', 'bytes', world.tree);
    expect(show((await save()).commit ?? '', 'a.big')).toBe('bytes');
  });

  test('hooks and settings of the repository do not run', async () => {
    const ran = join(world.home, 'ran');
    world.write('.git/hooks/post-checkout', `#!/bin/sh\ntouch ${ran}\n`);
    world.write('.git/hooks/reference-transaction', `#!/bin/sh\ntouch ${ran}\n`);
    for (const hook of ['post-checkout', 'reference-transaction']) chmodSync(join(world.root, '.git/hooks', hook), 0o755);
    world.git(['config', 'core.fsmonitor', `touch ${ran}; false`]);
    rmSync(ran, { force: true });
    world.write('new.txt', 'n', world.tree);
    expect((await save()).ref).not.toBeNull();
    expect(() => readFileSync(ran)).toThrow();
  });

  test('the .git file is gone', async () => {
    world.write('new.txt', 'n', world.tree);
    unlinkSync(join(world.tree, '.git'));
    expect(filesIn((await save()).commit ?? '')).toContain('new.txt');
  });

  test('the folder is gone, is a link, never was', async () => {
    rmSync(world.tree, { recursive: true });
    expect(await save()).toMatchObject({ ref: null, commit: null });
    mkdirSync(join(world.home, 'outside'));
    writeFileSync(join(world.home, 'outside/private'), 'p');
    symlinkSync(join(world.home, 'outside'), world.tree);
    expect(await save()).toMatchObject({ ref: null, commit: null });
  });

  test('files that come and go meanwhile', async () => {
    const { tree } = world;
    let going = true;
    const churn = (async () => {
      for (let n = 0; going; n += 1) {
        world.write(`churn/${n % 50}`, 'x'.repeat(n % 1000), tree);
        if (n % 3 === 0) rmSync(join(tree, `churn/${(n * 7) % 50}`), { force: true });
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    try {
      world.write('stays.txt', 's', tree);
      for (let n = 0; n < 5; n += 1) expect(show((await save()).commit ?? '', 'stays.txt')).toBe('s');
    } finally {
      going = false;
      await churn;
    }
  });

  test('two savers at once', async () => {
    world.write('new.txt', 'n', world.tree);
    const both = await Promise.all([save('one'), world.again().save(world.task, RUN, 'two')]);
    expect(both[0]).toEqual(both[1]);
  });
});

test('retention drops old ones, never the last of a task', async () => {
  for (const n of [1, 2, 3]) {
    world.write('new.txt', `${n}`, world.tree);
    await save();
  }
  const day = 86_400_000;
  const retention = { keepDays: 1, keepCount: 0 };
  expect(await world.spaces.expireSaved(retention, Date.now())).toEqual([]);
  expect((await world.spaces.expireSaved({ keepDays: 1, keepCount: 2 }, Date.now() + 2 * day)).length).toBe(1);
  expect((await world.spaces.expireSaved(retention, Date.now() + 2 * day)).length).toBe(1);
  expect((await world.spaces.listSaved(null)).map(({ n }) => n)).toEqual([3]);
  expect(await world.spaces.expireSaved(retention, Date.now() + 2 * day)).toEqual([]);
});

test('inspect: the branch, its commits without those of the base, the tree, the question', async () => {
  const { baseCommit } = await world.ensure();
  expect(await world.spaces.inspect(world.task, baseCommit)).toEqual({
    ...{ head: baseCommit, commits: 0, changed: false, dirty: false, question: null },
  });
  world.commit('Base goes on', { 'b.txt': 'b' });
  world.git(['merge', '--quiet', 'main', '-m', 'Merge'], world.tree);
  const head = world.commit('Mine', { 'm.txt': 'm' }, world.tree);
  world.write('BLOCKED.md', ' SQLite or Parquet?\n', world.tree);
  world.write('dirty.txt', 'd', world.tree);
  writeFileSync(join(admin, 'index.lock'), '');
  // The fast-forward brought the base's commit; only the agent's own counts.
  expect(await world.spaces.inspect(world.task, baseCommit)).toEqual({
    ...{
      head,
      commits: 1,
      changed: true,
      files: { names: ['m.txt'], count: 1 },
      dirty: true,
      left: { count: 1, names: ['dirty.txt'] },
      question: 'SQLite or Parquet?',
    },
  });
  world.git(['update-ref', '-d', 'refs/heads/auto/gh-1']);
  expect((await world.spaces.inspect(world.task, baseCommit)).head).toBeNull();
  rmSync(world.tree, { recursive: true });
  expect((await world.spaces.inspect(world.task, baseCommit)).dirty).toBe(false);
});

test('signs are read without following links or waiting for pipes, and taken away into the run’s folder', async () => {
  expect(await world.spaces.signs('gh-1')).toEqual({ stop: null, blocked: null });
  writeFileSync(join(world.tree, 'STOP'), '');
  symlinkSync('/etc/passwd', join(world.tree, 'BLOCKED.md'));
  // Whoever lays it may set its time, and not that of its change.
  utimesSync(join(world.tree, 'STOP'), 0, 0);
  const { stopAt = 0, ...signs } = await world.spaces.signs('gh-1');
  expect(signs).toEqual({ stop: '', blocked: '' });
  expect(Math.abs(Date.now() - stopAt)).toBeLessThan(60_000);
  writeFileSync(join(world.tree, 'STOP'), 'wrong issue');
  expect((await world.spaces.signs('gh-1')).stop).toBe('wrong issue');
  await world.spaces.consumeSigns('gh-1', RUN);
  await world.spaces.consumeSigns('gh-1', RUN);
  expect(await world.spaces.signs('gh-1')).toEqual({ stop: null, blocked: null });
  expect(readFileSync(join(world.root, '.tac8/runs/w-aaaaaa/STOP'), 'utf8')).toBe('wrong issue');
  expect(await world.spaces.signs('gh-404')).toEqual({ stop: null, blocked: null });
  await world.spaces.ensure(world.task, NEVER);
});
