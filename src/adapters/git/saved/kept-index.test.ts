import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GitWorld, makeGitWorld, RUN } from '../../../../test/support/git/git-workspaces.ts';
import { createGit, type Git } from '../call/git.ts';
import { openRepository } from '../repository/repository.ts';
import { locate, type Source } from '../repository/source.ts';
import { createKeptIndexes, type KeptIndexes } from './kept-index.ts';
import { type Snapshot, takeSnapshot } from './snapshot.ts';

const SETTLED_MS = 20;
const FILES = { 'README.md': 'read\n', '.gitignore': 'ignored/\n', 'dir/a.txt': 'a\n', 'dir/b.txt': 'b\n', 'dir/deep/c': 'c\n' };

let world: GitWorld;
let git: Git;
let asked: string[];
let kept: KeptIndexes;
let source: Source;
let folder: string;
beforeEach(async () => {
  world = makeGitWorld({ files: FILES });
  await world.ensure();
  folder = join(world.home, 'kept');
  const plain = createGit({ cwd: world.root, stateDir: join(world.home, 'state'), timeoutMs: () => 20_000 });
  asked = [];
  git = (args, call) => {
    asked.push(args[0] ?? '');
    return plain(args, call);
  };
  kept = createKeptIndexes(folder, join(world.root, '.git'), SETTLED_MS);
  const found = await locate(await openRepository(git, world.root), world.tree, world.task);
  if (found === null) throw new Error('there is a worktree');
  source = found;
});
afterEach(() => world.remove());

const snapshot = (by: KeptIndexes | null, saveGlobs: readonly string[] = []): Promise<Snapshot> =>
  takeSnapshot(git, source, {
    scratch: join(world.home, 'scratch'),
    saveGlobs,
    embedded: 'content',
    commonDir: join(world.root, '.git'),
    timeoutMs: 20_000,
    kept: by,
    head: by === null ? null : world.git(['rev-parse', 'HEAD^{tree}'], world.tree).trim(),
  });
const content = ({ tree, embedded, incomplete, staged }: Snapshot) => ({ tree, embedded, incomplete, staged });
async function expectTheSame(): Promise<Snapshot> {
  const quick = await snapshot(kept);
  const fresh = content(await snapshot(null));
  // What is staged is told only where the tree does not hold it already.
  expect({ ...content(quick), staged: fresh.staged === null ? null : quick.staged }).toEqual(fresh);
  return quick;
}
const settled = (): Promise<unknown> => expect.poll(() => Date.now() - began > 2 * SETTLED_MS).toBe(true);
let began = 0;
async function leftAlone(): Promise<void> {
  began = Date.now();
  await settled();
}

test('nothing changed: one look by git, and not a byte is written', async () => {
  await expectTheSame();
  const index = join(folder, readdirSync(folder)[0] ?? '');
  const before = statSync(index, { bigint: true });
  asked = [];
  expect((await snapshot(kept)).isOld).toBe(true);
  expect(asked).toEqual(['ls-files']);
  expect(statSync(index, { bigint: true })).toEqual(before);
  expect(readdirSync(folder)).toHaveLength(1);
});

test('a worktree that was as its commit a moment ago is known to be so until its index, its commit or a look tells otherwise', async () => {
  const head = world.git(['rev-parse', 'HEAD'], world.tree).trim();
  expect(await kept.wasClean(source, head)).toBe(false);
  await snapshot(kept);
  kept.noteClean(source, head);
  expect(await kept.wasClean(source, head)).toBe(true);
  expect(await kept.wasClean(source, '0'.repeat(40))).toBe(false);
  world.write('dir/a.txt', 'staged\n', world.tree);
  world.git(['add', '-A'], world.tree);
  expect(await kept.wasClean(source, head)).toBe(false);
  world.git(['reset', '--quiet', '--hard'], world.tree);
  await snapshot(kept);
  kept.noteClean(source, head);
  await snapshot(kept);
  expect(await kept.wasClean(source, head)).toBe(false);
});

test('changes that were left alone for a while are not read again; younger ones are', async () => {
  world.write('dir/a.txt', 'changed\n', world.tree);
  world.write('new', 'n', world.tree);
  await leftAlone();
  expect((await expectTheSame()).isOld).toBe(false);
  asked = [];
  expect((await snapshot(kept)).isOld).toBe(true);
  expect(asked).toEqual(['ls-files']);
  world.write('new', 'm', world.tree);
  expect((await expectTheSame()).isOld).toBe(false);
});

test('a kept index that is damaged, replaced, gone or a folder is written anew', async () => {
  const index = (): string => join(folder, readdirSync(folder)[0] ?? '');
  const damages: (() => void)[] = [
    () => writeFileSync(index(), 'garbage'),
    () => writeFileSync(index(), readFileSync(index()).fill(0, 40, 400)),
    () => rmSync(index()),
    () => {
      const path = index();
      rmSync(path);
      mkdirSync(path);
    },
    () => {
      const path = index();
      renameSync(path, join(world.home, 'elsewhere'));
      symlinkSync(join(world.home, 'elsewhere'), path);
    },
    () => rmSync(folder, { recursive: true }),
  ];
  for (const damage of damages) {
    await expectTheSame();
    damage();
    world.write('new', String(Math.random()), world.tree);
    await expectTheSame();
  }
});

test('where it cannot be written the snapshot is taken all the same', async () => {
  writeFileSync(folder, 'a file is in the way');
  world.write('new', 'n', world.tree);
  await expectTheSame();
});

test('objects that a sweep took are written again', async () => {
  world.write('new', 'n', world.tree);
  world.write('dir/a.txt', 'staged', world.tree);
  world.git(['add', 'dir/a.txt'], world.tree);
  const spaces = world.again();
  for (const text of ['1', '2']) {
    world.write('dir/a.txt', text, world.tree);
    const { ref, commit } = await spaces.save(world.task, RUN, 'test');
    world.git(['update-ref', '-d', ref ?? '']);
    world.git(['gc', '--quiet', '--prune=now']);
    const again = await spaces.save(world.task, RUN, 'test');
    expect(world.git(['show', `${again.commit}:dir/a.txt`])).toBe(text);
    expect(commit).not.toBeNull();
  }
});

const names = ['a', 'dir/a.txt', 'dir/b.txt', 'dir/deep/c', 'dir', 'ü\n"', '-dash', 'ignored/i', 'clone/f', '.gitattributes', 'x/y/z'];
const texts = ['', 'a\n', 'b\n', 'c\n', 'long\r\ntext\r\n', 'a', '*\n', '* text=auto\n', 'a\n!a\ndir/\n'];
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('write'), name: fc.constantFrom(...names, '.gitignore'), text: fc.constantFrom(...texts) }),
  },
  fc.record({
    do: fc.constantFrom('delete', 'link', 'exec', 'touch back', 'assume', 'skip', 'intend', 'add one', 'untrack'),
    name: fc.constantFrom(...names),
  }),
  fc.record({
    do: fc.constantFrom(
      ...['add', 'commit', 'reset', 'reset hard', 'stash', 'status', 'detach', 'merge', 'init clone', 'init dir', 'sparse', 'full'],
      ...['split', 'v4', 'v2', 'garbage', 'no index', 'exclude', 'crlf', 'sloppy', 'submodule', 'wait', 'forget'],
    ),
  }),
);
type Step = { readonly do: string; readonly name?: string; readonly text?: string };

async function takeStep(one: Step, n: number): Promise<void> {
  const { tree } = world;
  const run = (...args: string[]): unknown => world.tryGit(args, tree);
  const path = join(tree, one.name ?? '');
  const admin = source.gitDir;
  const clone = (below: string): void => {
    mkdirSync(join(tree, below), { recursive: true });
    world.tryGit(['init', '--quiet'], join(tree, below));
    if (n % 2 === 0) world.tryGit(['commit', '--quiet', '--allow-empty', '-m', 'In it'], join(tree, below));
  };
  const acts: Record<string, () => unknown> = {
    write: () => world.write(one.name ?? '', one.text ?? '', tree),
    delete: () => rmSync(path, { recursive: true, force: true }),
    link: () => symlinkSync('README.md', path),
    exec: () => run('update-index', '--chmod=+x', one.name ?? ''),
    // The same size and time as before, in the same instant.
    'touch back': () => {
      const { mtime, size } = statSync(path);
      writeFileSync(path, Buffer.alloc(size, 'xyz'[n % 3]));
      utimesSync(path, mtime, mtime);
    },
    assume: () => run('update-index', '--assume-unchanged', one.name ?? ''),
    skip: () => run('update-index', '--skip-worktree', one.name ?? ''),
    intend: () => run('add', '-N', one.name ?? ''),
    'add one': () => run('add', '-f', one.name ?? ''),
    untrack: () => run('rm', '-r', '--cached', '--quiet', one.name ?? ''),
    add: () => run('add', '-A'),
    commit: () => run('commit', '--quiet', '-a', '-m', 'Step'),
    reset: () => run('reset', '--quiet', 'HEAD~1'),
    'reset hard': () => run('reset', '--quiet', '--hard'),
    stash: () => run('stash', '--quiet', '-u'),
    status: () => run('status'),
    detach: () => run('checkout', '--quiet', '--detach'),
    merge: () => run('merge', '--quiet', '--no-commit', 'main'),
    'init clone': () => clone('clone'),
    'init dir': () => clone('dir'),
    sparse: () => run('sparse-checkout', 'set', '--no-cone', '/README.md'),
    full: () => run('sparse-checkout', 'disable'),
    split: () => run('update-index', '--split-index'),
    v4: () => run('update-index', '--index-version', '4'),
    v2: () => run('update-index', '--index-version', '2'),
    garbage: () => writeFileSync(join(admin, 'index'), 'garbage'),
    'no index': () => rmSync(join(admin, 'index'), { force: true }),
    exclude: () => writeFileSync(join(world.root, '.git/info/exclude'), n % 2 === 0 ? '/trees/\n/.tac8/\na\n' : '/trees/\n/.tac8/\n'),
    crlf: () => run('config', 'core.autocrlf', n % 2 === 0 ? 'true' : 'false'),
    sloppy: () => run('config', 'core.trustctime', 'false'),
    submodule: () => run('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', world.root, 'sub'),
    wait: leftAlone,
    forget: () => kept.forget(source),
  };
  try {
    await acts[one.do]?.();
  } catch (error) {
    // A file stands where a folder would be, or there is none.
    expect((error as NodeJS.ErrnoException).code).toMatch(/EEXIST|ENOTDIR|EISDIR|ENOENT|ELOOP/);
  }
}

test('whatever a worker does between snapshots, each is what a look from nothing gives', async () => {
  world.git(['commit', '--quiet', '--allow-empty', '-m', 'Ahead']);
  let old = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { maxLength: 3 }), { minLength: 1, maxLength: 6 }), async (rounds) => {
      world.tryGit(['sparse-checkout', 'disable'], world.tree);
      rmSync(world.tree, { recursive: true, force: true });
      world.tryGit(['worktree', 'prune']);
      world.tryGit(['config', '--unset', 'core.autocrlf']);
      rmSync(join(world.root, '.git/modules'), { recursive: true, force: true });
      world.git(['branch', '-f', 'auto/gh-1', 'main~1']);
      await world.ensure();
      const found = await locate(await openRepository(git, world.root), world.tree, world.task);
      if (found === null) throw new Error('there is a worktree');
      source = found;
      for (const steps of rounds) {
        for (const [n, one] of steps.entries()) await takeStep(one, n);
        const now = await locate(await openRepository(git, world.root), world.tree, world.task);
        if (now === null) return;
        source = now;
        if ((await expectTheSame()).isOld) old += 1;
      }
    }),
    { numRuns: Number(process.env.TAC8_PROPERTY_RUNS ?? 20), endOnFailure: true },
  );
  expect(old).toBeGreaterThan(0);
}, 1_800_000);

test('a commit’s own tree is known from the index alone, and an index that says otherwise is asked about', async () => {
  await snapshot(kept);
  expect(asked).toEqual(['ls-files']);
  world.write('dir/a.txt', 'staged\n', world.tree);
  world.git(['add', 'dir/a.txt'], world.tree);
  asked = [];
  await expectTheSame();
  expect(asked.slice(0, 2)).toEqual(['write-tree', 'ls-files']);
});

test('of many files that git doubts each is read once more, at the second look', async () => {
  for (let n = 0; n < 80; n += 1) world.write(`many/${n}`, `${n}\n`, world.tree);
  world.git(['add', '-A'], world.tree);
  world.git(['commit', '--quiet', '-m', 'Many'], world.tree);
  // As old as the files in it, or older: git cannot know whether they were written to afterwards.
  utimesSync(join(source.gitDir, 'index'), new Date(0), new Date(0));
  await expectTheSame();
  asked = [];
  await snapshot(kept);
  await snapshot(kept);
  expect(asked).toEqual(['update-index', 'ls-files', 'ls-files']);
  world.write('many/7', 'another\n', world.tree);
  await expectTheSame();
});
