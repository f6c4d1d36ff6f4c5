import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type GitWorld, makeGitWorld, NEVER, RUN } from '../../support/git/git-workspaces.ts';

/*
 * A worker puts a named pipe where git keeps a file. Whoever opens it to read waits until somebody writes, which nobody does.
 * Node reads files with four threads: four such waits, and the daemon reads nothing any more. The twin reads it as Node does by itself.
 */

let world: GitWorld;
beforeEach(async () => {
  world = makeGitWorld({ remote: true }, { gitTimeoutMs: () => 1_000, saveTimeoutMs: () => 1_000 });
  await world.ensure();
  world.commit('Work', { 'a.txt': 'a' }, world.tree);
});
afterEach(() => world.remove());

/** Below `.git` of the main checkout, or of the worktree's own folder there. */
const FILES = [
  'packed-refs',
  'shallow',
  'info/exclude',
  'HEAD',
  'refs/heads/auto/gh-1',
  'refs/remotes/origin/main',
  'worktrees/gh-1/index',
  'worktrees/gh-1/HEAD',
  'worktrees/gh-1/gitdir',
  'worktrees/gh-1/locked',
  'worktrees/gh-1/ORIG_HEAD',
];
function makePipe(path: string): void {
  rmSync(path, { force: true });
  expect(spawnSync('mkfifo', [path]).status).toBe(0);
}
describe.each(FILES)('%s', (name) => {
  test('is not waited for, five times over; other files are still read', { timeout: 60_000 }, async () => {
    const path = join(world.root, '.git', name);
    makePipe(path);
    try {
      const works = Array.from({ length: 5 }, () => {
        const spaces = world.again();
        return [
          spaces.save(world.task, RUN, 'a test'),
          spaces.inspect(world.task, 'HEAD'),
          spaces.refresh(),
          spaces.push(world.task, NEVER),
          spaces.list(),
        ];
      }).flat();
      // An answer or an error in words, but an end: the time limit of the test is the judge.
      expect(await Promise.allSettled(works)).toHaveLength(25);
      expect(await readFile(join(world.root, 'README.md'), 'utf8')).toContain('A repository');
    } finally {
      rmSync(path, { force: true });
    }
  });
});

test('twin: a reader that does not look what it is waits', async () => {
  const path = join(world.root, '.git/packed-refs');
  makePipe(path);
  const reading = readFile(path);
  expect(await Promise.race([reading.then(() => 'answered'), readFile(join(world.root, 'README.md')).then(() => 'other file')])).toBe(
    'other file',
  );
  // So that the thread is free again: somebody writes.
  expect(spawnSync('sh', ['-c', `: > '${path}'`], { timeout: 5_000 }).status).toBe(0);
  expect((await reading).length).toBe(0);
});

test(
  'objects that are borrowed from where a pipe waits hold a save for seconds; twin: plain git waits for ever',
  { timeout: 60_000 },
  async () => {
    const other = makeGitWorld();
    try {
      await other.ensure();
      const store = join(other.home, 'store');
      const pack = join(store, 'pack', `pack-${'a'.repeat(40)}`);
      mkdirSync(join(store, 'pack'), { recursive: true });
      expect(spawnSync('mkfifo', [`${pack}.idx`]).status).toBe(0);
      writeFileSync(`${pack}.pack`, `PACK${'x'.repeat(100)}`);
      const borrows = join(other.root, '.git/objects/info/alternates');
      mkdirSync(dirname(borrows), { recursive: true });
      writeFileSync(borrows, `${store}\n`);
      const look = { cwd: other.root, input: 'not there', timeout: 2000, env: { PATH: process.env.PATH } };
      expect(spawnSync('git', ['hash-object', '-w', '--stdin'], look).error).toMatchObject({ code: 'ETIMEDOUT' });
      other.write('new.txt', 'new', other.tree);
      expect((await other.again().save(other.task, RUN, 'test')).commit).not.toBeNull();
      expect(existsSync(borrows)).toBe(false);
      // A loan that holds nobody stays.
      rmSync(`${pack}.idx`);
      writeFileSync(borrows, `${store}\n`);
      other.write('more.txt', 'more', other.tree);
      expect((await other.again().save(other.task, RUN, 'test')).commit).not.toBeNull();
      expect(existsSync(borrows)).toBe(true);
    } finally {
      other.remove();
    }
  },
);

test(
  'pipes where git opens files of a worktree by their names hold a save for seconds; twin: plain git waits for ever',
  { timeout: 60_000 },
  async () => {
    const other = makeGitWorld();
    try {
      await other.ensure();
      other.write('new.txt', 'new', other.tree);
      other.write('deep/er/new.txt', 'new', other.tree);
      expect(spawnSync('git', ['init', '-q', join(other.tree, 'inner')]).status).toBe(0);
      for (const name of ['.gitignore', 'deep/er/.gitattributes', 'deep/.mailmap', 'inner/.git/HEAD', 'inner/.git/info/exclude'])
        makePipe(join(other.tree, name));
      const look = { cwd: other.tree, timeout: 2000, env: { PATH: process.env.PATH } };
      expect(spawnSync('git', ['status', '--short'], look).error).toMatchObject({ code: 'ETIMEDOUT' });
      const { commit } = await other.again().save(other.task, RUN, 'test');
      const saved = spawnSync('git', ['ls-tree', '-r', '--name-only', commit ?? ''], { cwd: other.root, encoding: 'utf8' }).stdout;
      expect(saved).toContain('deep/er/new.txt');
      expect(existsSync(join(other.tree, '.gitignore'))).toBe(false);
    } finally {
      other.remove();
    }
  },
);
