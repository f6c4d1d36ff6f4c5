import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { contentOf, type GitWorld, makeGitWorld, RUN } from '../../../test/support/git-workspaces.ts';

let world: GitWorld;
let admin: string;
beforeEach(async () => {
  world = makeGitWorld({ files: { 'README.md': 'read\n', '.gitignore': 'ignored/\n', 'dir/a.txt': 'a\n' } });
  await world.ensure();
  admin = join(world.root, '.git/worktrees/gh-1');
});
afterEach(() => world.remove());

const save = (reason = 'test') => world.spaces.save(world.task, RUN, reason);
const status = (): string => world.git(['status', '--porcelain'], world.tree);
const here = (ref: string): string => world.git(['rev-parse', ref], world.tree);
/** Save, remove, put back; the git of the whole repository must stay sound. */
const thereAndBack = async (): Promise<void> => {
  await save();
  await world.spaces.remove(world.task, RUN);
  expect(existsSync(world.tree)).toBe(false);
  world.git(['reflog', 'expire', '--expire=now', '--all']);
  world.git(['gc', '--quiet', '--prune=now']);
  world.git(['fsck', '--strict', '--no-dangling']);
  await world.spaces.restore(world.task);
};

describe('remove', () => {
  test('refuses what is not saved, also what changed after the save; the branch stays', async () => {
    world.commit('Work', { 'w.txt': 'w' }, world.tree);
    world.write('new.txt', '1', world.tree);
    await expect(world.spaces.remove(world.task, RUN)).rejects.toMatchObject({ name: 'PortError', sort: 'retryable' });
    await save();
    world.write('new.txt', '2', world.tree);
    await expect(world.spaces.remove(world.task, RUN)).rejects.toThrow('not saved');
    expect(readFileSync(join(world.tree, 'new.txt'), 'utf8')).toBe('2');
    const tip = here('HEAD');
    await save();
    await world.spaces.remove(world.task, RUN);
    await world.spaces.remove(world.task, RUN);
    expect([existsSync(world.tree), existsSync(admin)]).toEqual([false, false]);
    expect(world.git(['rev-parse', 'auto/gh-1'])).toBe(tip);
  });

  test('a clean one goes without a snapshot; a commit that only its reflog names keeps it', async () => {
    await world.spaces.remove(world.task, RUN);
    await world.ensure();
    const lost = world.commit('Reset away', { 'l.txt': 'l' }, world.tree);
    world.git(['reset', '--quiet', '--hard', 'HEAD~1'], world.tree);
    await expect(world.spaces.remove(world.task, RUN)).rejects.toThrow('not saved');
    const { commit } = await save();
    await world.spaces.remove(world.task, RUN);
    expect(world.tryGit(['merge-base', '--is-ancestor', lost, commit ?? '']).code).toBe(0);
  });

  test('a person’s lock keeps it', async () => {
    world.git(['worktree', 'lock', '--reason', 'looking at it', world.tree]);
    await expect(world.spaces.remove(world.task, RUN)).rejects.toMatchObject({
      sort: 'terminal',
      message: expect.stringContaining('looking at it'),
    });
  });

  test('the folder is gone already; a link or a foreign folder is moved aside', async () => {
    rmSync(world.tree, { recursive: true });
    await world.spaces.remove(world.task, RUN);
    expect(existsSync(admin)).toBe(false);
    mkdirSync(join(world.home, 'outside'));
    writeFileSync(join(world.home, 'outside/precious'), 'p');
    symlinkSync(join(world.home, 'outside'), world.tree);
    await world.spaces.remove(world.task, RUN);
    world.write('left', 'l', world.tree);
    await expect(world.spaces.remove(world.task, RUN)).rejects.toThrow('not saved');
    await save();
    await world.spaces.remove(world.task, RUN);
    expect(existsSync(world.tree)).toBe(false);
    expect(readdirSync(join(world.root, '.tac8/aside')).length).toBe(2);
    expect(readFileSync(join(world.home, 'outside/precious'), 'utf8')).toBe('p');
  });
});

describe('restore', () => {
  test('brings files, deletions and the staged-or-not difference back; into a folder as well', async () => {
    world.write('new.txt', 'n', world.tree);
    world.write('run.sh', '#!/bin/sh', world.tree);
    chmodSync(join(world.tree, 'run.sh'), 0o755);
    unlinkSync(join(world.tree, 'dir/a.txt'));
    const before = contentOf(world.tree);
    await thereAndBack();
    expect(contentOf(world.tree)).toEqual(before);
    expect(
      status()
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual(['D dir/a.txt', '?? new.txt', '?? run.sh']);
    const to = join(world.home, 'out', 'put');
    expect((await world.spaces.restore(world.task, { to })).path).toBe(to);
    expect(contentOf(to)).toEqual(before);
    await expect(world.spaces.restore(world.task, { to })).rejects.toThrow('not empty');
  });

  test('detached commits come back onto the branch', async () => {
    world.git(['checkout', '--quiet', '--detach'], world.tree);
    const detached = world.commit('Detached', { 'd.txt': 'd' }, world.tree);
    await thereAndBack();
    expect(here('HEAD')).toBe(detached);
    expect(world.git(['symbolic-ref', 'HEAD'], world.tree)).toBe('refs/heads/auto/gh-1');
    expect(status()).toBe('');
  });

  test('the branch was deleted: made again', async () => {
    const tip = world.commit('Work', { 'w.txt': 'w' }, world.tree);
    world.write('n.txt', 'n', world.tree);
    await save();
    await world.spaces.remove(world.task, RUN);
    world.git(['branch', '-D', 'auto/gh-1']);
    await world.spaces.restore(world.task);
    expect(here('HEAD')).toBe(tip);
    expect(status()).toBe('?? n.txt');
  });

  test('what is in the worktree now is saved before; an older snapshot by its short name', async () => {
    world.write('n.txt', '1', world.tree);
    await save();
    world.write('n.txt', '2', world.tree);
    world.write('more.txt', 'm', world.tree);
    await world.spaces.restore(world.task, { ref: 'w-aaaaaa/1' });
    expect(readFileSync(join(world.tree, 'n.txt'), 'utf8')).toBe('1');
    expect(existsSync(join(world.tree, 'more.txt'))).toBe(false);
    const [newest] = await world.spaces.listSaved('gh-1');
    expect(world.git(['show', `${newest?.commit}:n.txt`])).toBe('2');
  });

  test('refuses where the branch has gone on, and an unknown name', async () => {
    world.write('n.txt', '1', world.tree);
    await save();
    world.commit('Goes on', {}, world.tree);
    world.commit('And on', { 'x.txt': 'x' }, world.tree);
    await expect(world.spaces.restore(world.task)).rejects.toThrow('has gone on');
    await expect(world.spaces.restore(world.task, { ref: 'w-bbbbbb/7' })).rejects.toThrow('w-aaaaaa/1');
  });
});

describe('repositories inside', () => {
  const inside = (path: string): string => join(world.tree, path);

  test('a clone with commits of its own, a nested one, `git init` in a tracked folder, one without commits', async () => {
    for (const path of ['clone', 'clone/nested', 'dir', 'unborn']) {
      mkdirSync(inside(path), { recursive: true });
      world.git(['init', '--quiet', '-b', 'main'], inside(path));
      world.write('f.txt', `in ${path}`, inside(path));
    }
    world.write('.gitignore', 'skip\n', inside('clone'));
    world.write('skip', 's', inside('clone'));
    const commits = ['clone/nested', 'dir'].map((path) => world.commit(`In ${path}`, {}, inside(path)));
    world.git(['add', 'f.txt', '.gitignore'], inside('clone'));
    world.git(['commit', '--quiet', '-m', 'In clone'], inside('clone'));
    world.git(['stash', '--include-untracked', '--quiet'], inside('dir'));
    // Leaves refs/heads empty, as a clone does.
    world.git(['gc', '--quiet'], inside('clone'));
    world.write('clone/.git/hooks/pre-commit', '#!/bin/sh\n', world.tree);
    chmodSync(inside('clone/.git/hooks/pre-commit'), 0o755);
    world.write('dirty.txt', 'd', inside('clone'));
    const tip = world.git(['rev-parse', 'HEAD'], inside('clone'));
    const before = contentOf(world.tree);
    delete before['clone/skip'];
    await thereAndBack();
    expect(contentOf(world.tree)).toEqual(before);
    expect(world.git(['log', '--format=%s'], inside('clone'))).toBe('In clone');
    expect(statSync(inside('clone/.git/hooks/pre-commit')).mode & 0o111).not.toBe(0);
    expect(world.git(['rev-parse', 'HEAD'], inside('clone'))).toBe(tip);
    expect(world.git(['status', '--porcelain', '--untracked-files=all'], inside('clone'))).toContain('?? dirty.txt');
    expect(['clone/nested', 'dir'].map((path) => world.git(['rev-parse', 'HEAD'], inside(path)))).toEqual(commits);
  });

  test('a shallow clone with a commit: kept, and this repository stays whole', async () => {
    world.commit('Second', { 's.txt': 's' });
    world.git(['clone', '--quiet', '--depth=1', `file://${world.root}`, inside('shallow')]);
    const mine = world.commit('Mine', { 'm.txt': 'm' }, inside('shallow'));
    await thereAndBack();
    expect(world.git(['rev-parse', 'HEAD'], inside('shallow'))).toBe(mine);
    expect(world.git(['status', '--porcelain'], inside('shallow'))).toBe('');
  });

  test('an untouched clone: its files alone, for its remote has the commits', async () => {
    world.git(['clone', '--quiet', world.root, inside('untouched')]);
    const { commit } = await save();
    const [saved] = await world.spaces.listSaved('gh-1');
    expect(saved?.embedded).toMatchObject([{ path: 'untouched', gitDir: null }]);
    expect(world.git(['ls-tree', '-r', '--name-only', commit ?? '', 'untouched/'])).toContain('untouched/README.md');
  });

  test('a submodule: left as it is while clean; its unpushed commits and changes are kept', async () => {
    const library = join(world.home, 'library');
    mkdirSync(library);
    world.git(['init', '--quiet', '-b', 'main'], library);
    world.commit('Library', { 'l.txt': 'l' }, library);
    world.git(['submodule', '--quiet', 'add', library, 'lib'], world.tree);
    world.commit('Add it', {}, world.tree);
    expect(await save()).toEqual({ ref: null, commit: null });
    const mine = world.commit('Mine', { 'm.txt': 'm' }, inside('lib'));
    world.write('dirty.txt', 'd', inside('lib'));
    await thereAndBack();
    expect(world.git(['rev-parse', 'HEAD'], inside('lib'))).toBe(mine);
    expect(contentOf(inside('lib'))).toEqual({ 'l.txt': 'l\n'.trim(), 'm.txt': 'm', 'dirty.txt': 'd' });
  });

  test('somebody else’s, a submodule whose .git is broken, one in an ignored place that the patterns name', async () => {
    const clone = (path: string): string => {
      world.git(['clone', '--quiet', world.root, inside(path)]);
      return world.commit('Mine', { 'm.txt': 'm' }, inside(path));
    };
    const theirs = clone('theirs');
    // Only root can give files away; elsewhere it is one more clone.
    if (process.getuid?.() === 0) for (const path of ['theirs', 'theirs/.git']) chownSync(inside(path), 1234, 1234);
    clone('lib');
    world.git(['add', 'lib'], world.tree);
    world.git(['commit', '--quiet', '-m', 'As a submodule'], world.tree);
    writeFileSync(inside('lib/.git/HEAD'), 'garbage');
    const ignored = clone('ignored/clone');
    const spaces = world.again({ saveGlobs: ['/ignored/clone/'] });
    await spaces.save(world.task, RUN, 'test');
    await spaces.remove(world.task, RUN);
    const to = join(world.home, 'out');
    await spaces.restore(world.task, { to });
    expect(readFileSync(join(to, 'lib/m.txt'), 'utf8')).toBe('m');
    expect(readFileSync(join(to, 'lib/.git/HEAD'), 'utf8')).toBe('garbage');
    expect(world.git(['rev-parse', 'HEAD'], join(to, 'theirs'))).toBe(theirs);
    expect(world.git(['rev-parse', 'HEAD'], join(to, 'ignored/clone'))).toBe(ignored);
  });

  test('a broken one, and an empty .git folder', async () => {
    world.write('broken/.git/objects/keep', 'k', world.tree);
    world.write('broken/f.txt', 'f', world.tree);
    mkdirSync(inside('empty/.git'), { recursive: true });
    world.write('empty/f.txt', 'e', world.tree);
    await thereAndBack();
    expect(readFileSync(inside('broken/.git/objects/keep'), 'utf8')).toBe('k');
    expect([readFileSync(inside('broken/f.txt'), 'utf8'), readFileSync(inside('empty/f.txt'), 'utf8')]).toEqual(['f', 'e']);
  });

  test('the agent made the whole worktree a repository of its own', async () => {
    unlinkSync(join(world.tree, '.git'));
    world.git(['init', '--quiet'], world.tree);
    const mine = world.commit('Mine', { 'm.txt': 'm' }, world.tree);
    const { commit } = await save();
    expect(world.git(['show', `${commit}:m.txt`])).toBe('m');
    await world.spaces.remove(world.task, RUN);
    const to = join(world.home, 'out');
    await world.spaces.restore(world.task, { to });
    expect(world.git(['rev-parse', 'HEAD'], to)).toBe(mine);
  });

  test('a worktree inside of the worktree: its detached commits are kept', async () => {
    world.git(['worktree', 'add', '--quiet', '--detach', inside('sub')], world.tree);
    const mine = world.commit('Mine', { 'm.txt': 'm' }, inside('sub'));
    const { commit } = await save();
    expect(world.tryGit(['merge-base', '--is-ancestor', mine, commit ?? '']).code).toBe(0);
    expect(world.git(['show', `${commit}:sub/m.txt`])).toBe('m');
  });
});

describe('after a kill', () => {
  const mend = () => world.spaces.mendAfterKill(world.task, RUN);

  test('nothing amiss: nothing done', async () => {
    world.write('n.txt', 'n', world.tree);
    expect(await mend()).toEqual({ done: [], saved: null });
  });

  test('stale locks go; then everything is committed, hooks and conflicts or not', async () => {
    for (const lock of [join(admin, 'index.lock'), join(admin, 'HEAD.lock'), join(world.root, '.git/refs/heads/auto/gh-1.lock')])
      writeFileSync(lock, '');
    world.write('.git/hooks/pre-commit', '#!/bin/sh\nexit 1\n');
    chmodSync(join(world.root, '.git/hooks/pre-commit'), 0o755);
    world.write('n.txt', 'n', world.tree);
    world.write('ignored/x', 'i', world.tree);
    expect((await mend()).done.length).toBe(3);
    const commit = await world.spaces.commitWip(world.task, 'WIP: stopped by STOP file');
    expect(here('HEAD')).toBe(commit);
    expect(status()).toBe('');
    expect(world.git(['log', '-1', '--format=%s %an', 'auto/gh-1'])).toBe('WIP: stopped by STOP file tac8');
    expect(await world.spaces.commitWip(world.task, 'again')).toBeNull();
    expect(readFileSync(join(world.tree, 'ignored/x'), 'utf8')).toBe('i');
  });

  test('killed between the WIP commit and its index: the next call mends the index', async () => {
    world.write('n.txt', 'n', world.tree);
    const index = readFileSync(join(admin, 'index'));
    await world.spaces.commitWip(world.task, 'WIP');
    writeFileSync(join(admin, 'index'), index);
    expect(status()).not.toBe('');
    await world.spaces.commitWip(world.task, 'WIP');
    expect(status()).toBe('');
  });

  test('detached commits come onto the branch', async () => {
    world.git(['checkout', '--quiet', '--detach'], world.tree);
    const detached = world.commit('Detached', { 'd.txt': 'd' }, world.tree);
    world.write('dirty.txt', 'd', world.tree);
    await expect(world.spaces.commitWip(world.task, 'WIP')).rejects.toThrow('detached');
    await mend();
    expect(world.git(['rev-parse', 'auto/gh-1'])).toBe(detached);
    expect(status()).toBe('?? dirty.txt');
    expect(await mend()).toEqual({ done: [], saved: null });
  });

  test('an older commit with changes on it: back on the branch, the changes saved', async () => {
    world.commit('One', { '1.txt': '1' }, world.tree);
    const tip = world.commit('Two', { '2.txt': '2' }, world.tree);
    world.git(['checkout', '--quiet', 'HEAD~1'], world.tree);
    world.write('1.txt', 'changed', world.tree);
    const { saved } = await mend();
    expect([here('HEAD'), status(), world.git(['show', `${saved}:1.txt`])]).toEqual([tip, '', 'changed']);
  });

  test('the branch was deleted: made again at HEAD', async () => {
    world.git(['checkout', '--quiet', '--detach'], world.tree);
    world.git(['branch', '-D', '--quiet', 'auto/gh-1']);
    await mend();
    expect(world.git(['symbolic-ref', '--short', 'HEAD'], world.tree)).toBe('auto/gh-1');
  });

  test.each(['merge', 'cherry-pick', 'revert'])('a half %s: given up, the files stay, a plain commit works', async (what) => {
    const mine = world.commit('Mine', { 'dir/a.txt': 'mine\n' }, world.tree);
    world.git(['checkout', '--quiet', '-b', 'other', 'main']);
    world.commit('Theirs', { 'dir/a.txt': 'theirs\n' });
    if (what === 'revert') world.commit('Mine again', { 'dir/a.txt': 'again\n' }, world.tree);
    const tip = here('HEAD');
    expect(world.tryGit([what, what === 'revert' ? mine : 'other'], world.tree).code).toBe(1);
    const { saved } = await mend();
    expect(saved).not.toBeNull();
    expect(here('HEAD')).toBe(tip);
    expect(readFileSync(join(world.tree, 'dir/a.txt'), 'utf8')).toContain('<<<<<<<');
    expect(world.git(['ls-files', '--unmerged'], world.tree)).toBe('');
    await world.spaces.commitWip(world.task, 'WIP');
    expect(status()).toBe('');
    expect(world.git(['rev-list', '--count', `${tip}..HEAD`], world.tree)).toBe('1');
  });

  test('a half rebase: the branch keeps its commits, the half state is saved', async () => {
    world.commit('First', { 'f.txt': 'f' }, world.tree);
    const mine = world.commit('Mine', { 'dir/a.txt': 'mine\n' }, world.tree);
    world.commit('Theirs', { 'dir/a.txt': 'theirs\n' });
    expect(world.tryGit(['rebase', 'main'], world.tree).code).toBe(1);
    world.write('resolving.txt', 'r', world.tree);
    const { saved } = await mend();
    expect([here('HEAD'), world.git(['symbolic-ref', '--short', 'HEAD'], world.tree)]).toEqual([mine, 'auto/gh-1']);
    expect(world.git(['show', `${saved}:resolving.txt`])).toBe('r');
    expect(world.git(['show', `${saved}:dir/a.txt`])).toContain('<<<<<<<');
    expect(existsSync(join(admin, 'rebase-merge'))).toBe(false);
    // What git does not track is left where it is.
    expect(status()).toBe('?? resolving.txt');
  });

  test('state that git cannot read is put out of its sight', async () => {
    mkdirSync(join(admin, 'rebase-merge'));
    writeFileSync(join(admin, 'rebase-merge/head-name'), '');
    await mend();
    world.write('n.txt', 'n', world.tree);
    expect(await world.spaces.commitWip(world.task, 'WIP')).not.toBeNull();
    expect(world.git(['status'], world.tree)).not.toContain('rebas');
  });
});

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

test('nothing of ours stays in the scratch folder', async () => {
  world.write('n.txt', 'n', world.tree);
  await save();
  expect(readdirSync(join(world.root, '.tac8/git/scratch'))).toEqual([]);
});
