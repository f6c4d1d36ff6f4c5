import { spawn } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GitWorld, makeGitWorld, RUN } from '../../../test/support/git/git-workspaces.ts';
import type { Housekeeping } from '../../engine/ports/repository/housekeeping.ts';
import { createHousekeeping } from './household.ts';

let world: GitWorld;
let keeping: Housekeeping;
let state: string;
let logs: string;

beforeEach(() => {
  world = makeGitWorld({ files: { 'a.txt': 'a', 'tasks.md': 'queue' } });
  state = join(world.root, '.tac8');
  logs = join(world.root, 'logs');
  keeping = createHousekeeping({
    git: world.spaces,
    state,
    logs,
    trees: join(world.root, 'trees'),
    ours: ['tasks.md', 'adws/metrics.json', 'notes/'],
  });
});
afterEach(() => world.remove());

test('a fresh repository has nothing; what there is is found, foreign names aside', async () => {
  expect(await keeping.look()).toEqual({ trees: [], logs: [], runFolders: [], homes: [], saved: [] });
  await world.ensure();
  world.write('new.txt', 'n', world.tree);
  const { ref } = await world.spaces.save(world.task, RUN, 'test');
  for (const path of ['.tac8/runs/w-aaaaaa/prompt', '.tac8/runs/other/x', '.tac8/homes/gh-1/x', '.tac8/homes/me/x']) world.write(path, 'x');
  for (const name of ['gh-1.w-aaaaaa.jsonl', 'gh-1.w-aaaaaa.stderr.log', 'tac8.log', 'readme.txt']) world.write(`logs/${name}`, '12345');
  utimesSync(join(logs, 'gh-1.w-aaaaaa.jsonl'), 1000, 1000);
  utimesSync(join(logs, 'gh-1.w-aaaaaa.stderr.log'), 2000, 2000);
  expect(await keeping.look()).toEqual({
    trees: [{ task: 'gh-1', path: world.tree, locked: null, users: [] }],
    logs: [{ task: 'gh-1', run: RUN, bytes: 10, modifiedAt: 2_000_000 }],
    runFolders: [{ run: RUN, modifiedAt: expect.any(Number) }],
    homes: [{ task: 'gh-1', modifiedAt: expect.any(Number) }],
    saved: [{ task: 'gh-1', ref, at: expect.any(Number) }],
  });
});

test('who works in a worktree is seen, through a link in its path as well', async () => {
  await world.ensure();
  mkdirSync(join(world.tree, 'deep'));
  mkdirSync(join(world.root, 'trees', 'gh-11'));
  const inside = spawn('sleep', ['60'], { cwd: join(world.tree, 'deep') });
  const beside = spawn('sleep', ['60'], { cwd: join(world.root, 'trees', 'gh-11') });
  try {
    symlinkSync(world.root, join(world.home, 'link'));
    expect(await keeping.usersOf(join(world.home, 'link', 'trees', 'gh-1'))).toEqual([inside.pid]);
    expect((await keeping.look()).trees.find(({ task }) => task === 'gh-1')?.users).toEqual([inside.pid]);
  } finally {
    const ended = [inside, beside].map((child) => new Promise((resolve) => child.once('exit', resolve)));
    inside.kill('SIGKILL');
    beside.kill('SIGKILL');
    await Promise.all(ended);
  }
  expect(await keeping.usersOf(world.tree)).toEqual([]);
});

test('a log goes with its stderr and the link that points to it; others stay', async () => {
  for (const run of ['w-aaaaaa', 'w-bbbbbb']) {
    for (const end of ['jsonl', 'stderr.log']) world.write(`logs/gh-1.${run}.${end}`, 'x');
  }
  world.write('logs/gh-11.w-aaaaaa.jsonl', 'x');
  symlinkSync('gh-1.w-bbbbbb.jsonl', join(logs, 'gh-1.jsonl'));
  await keeping.removeLog('gh-1', RUN);
  expect(readdirSync(logs).sort()).toEqual(['gh-1.jsonl', 'gh-1.w-bbbbbb.jsonl', 'gh-1.w-bbbbbb.stderr.log', 'gh-11.w-aaaaaa.jsonl']);
  await keeping.removeLog('gh-1', 'w-bbbbbb');
  await keeping.removeLog('gh-1', 'w-bbbbbb');
  expect(readdirSync(logs)).toEqual(['gh-11.w-aaaaaa.jsonl']);
});

test('a home goes, the logins that it links to stay; no name leads out of the state folder', async () => {
  mkdirSync(join(world.home, 'login'));
  writeFileSync(join(world.home, 'login', 'key'), 'k');
  world.write('.tac8/homes/gh-1/own', 'x');
  world.write('.tac8/runs/w-aaaaaa/prompt', 'x');
  symlinkSync(join(world.home, 'login'), join(state, 'homes/gh-1/.claude'));
  await keeping.removeHome('gh-1');
  await keeping.removeRunFolder(RUN);
  expect(readdirSync(join(state, 'homes'))).toEqual([]);
  expect(readdirSync(join(state, 'runs'))).toEqual([]);
  expect(existsSync(join(world.home, 'login', 'key'))).toBe(true);
  await expect(keeping.removeRunFolder('w-../../..' as never)).rejects.toThrow('not a run id');
  await expect(keeping.removeHome('gh-1/..' as never)).rejects.toThrow('not a task id');
  expect(existsSync(state)).toBe(true);
});

test('changes in the main checkout: a person’s are told, ours are not, not even a tracked tasks.md', async () => {
  world.write('tasks.md', 'written by the daemon');
  world.write('adws/metrics.json', '{}');
  world.write('notes/x', 'x');
  world.write('tasks.md.old', 'a person’s');
  world.write('.tasks.md.tac8-123-4', 'the moment of a write');
  world.write('notes-of/.queue.md.tac8-123-5-out', 'the same, where the board is a link');
  world.write('notes-of/.queue.md.tac8-mine', 'a person’s');
  world.write('a.txt', 'changed');
  expect(await keeping.mainChanges()).toEqual(['a.txt', 'notes-of/.queue.md.tac8-mine', 'tasks.md.old']);
});

test('old snapshots go, the last one of each task stays', async () => {
  await world.ensure();
  for (const text of ['1', '2']) {
    world.write('new.txt', text, world.tree);
    await world.spaces.save(world.task, RUN, 'test');
  }
  const later = Date.now() + 40 * 86_400_000;
  expect(await keeping.dropSaved(50 * 86_400_000, later)).toBe(0);
  expect(await keeping.dropSaved(30 * 86_400_000, later)).toBe(1);
  expect((await keeping.look()).saved.map(({ ref }) => ref)).toEqual(['refs/tac8/saved/gh-1/w-aaaaaa/2']);
});

test('what a task uses of the disk: worktree, home and folder of git, a file of two names once; of another nothing', async () => {
  expect(await keeping.sizeOf('gh-1')).toBe(0);
  const megabyte = 'x'.repeat(1 << 20);
  for (const path of ['trees/gh-1/a', '.tac8/homes/gh-1/b', '.tac8/git/boxes/gh-1/c', 'trees/gh-11/d']) world.write(path, megabyte);
  linkSync(join(world.root, 'trees/gh-1/a'), join(state, 'homes/gh-1/again'));
  symlinkSync(join(world.root, 'trees/gh-11'), join(world.root, 'trees/gh-1/link'));
  const bytes = await keeping.sizeOf('gh-1');
  expect(bytes).toBeGreaterThanOrEqual(3 << 20);
  expect(bytes).toBeLessThan((3 << 20) + (1 << 19));
  await expect(keeping.sizeOf('gh-1/..' as never)).rejects.toThrow('not a task id');
});
