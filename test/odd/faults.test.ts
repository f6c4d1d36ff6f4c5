import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GitWorld, makeGitWorld, NEVER, pendingTask, RUN } from '../support/git/git-workspaces.ts';
import { breakIt, faultsOf } from '../support/machine/faults.ts';

/*
 * Whatever one worker, or a power cut, breaks of what all tasks share in git's folder: another task goes from its worktree to a pushed branch, with
 * plain git as its worker. A sample of some 450 faults here; TAC8_FAULTS takes those whose names match it, such as `.` for all.
 */

const CHOSEN = process.env.TAC8_FAULTS === undefined ? null : new RegExp(process.env.TAC8_FAULTS);
/** Every so many. Not a divisor of the number of ways to break a thing, so that all are met. */
const STEP = 17;

/** One of each kind that was found, whatever the sample holds. */
const ALWAYS = [
  'packed-refs: garbage',
  'refs/remotes: file',
  'refs/heads: file',
  'refs/heads/main: empty',
  'refs/heads/pipe: pipe',
  'config: half of it',
  'config: garbage',
  'HEAD: pipe',
  'info/exclude: huge',
  'logs/refs/heads/auto: file',
  'objects/pack/multi-pack-index: garbage',
  'objects: file',
  'objects/pack/pack-1.pack: garbage',
  'objects/pack/pack-1.idx: half of it',
  'objects/aa/1: garbage',
  'worktrees/gh-1/HEAD: huge',
  'worktrees/gh-1/HEAD: pipe',
  'worktrees/gh-1/commondir: empty',
];

let world: GitWorld;
let git: string;
let kept: string;

beforeAll(async () => {
  world = makeGitWorld({ remote: true }, { gitTimeoutMs: () => 3_000, saveTimeoutMs: () => 3_000, fetchFreshMs: 0 });
  git = join(world.root, '.git');
  kept = join(world.home, 'kept.git');
  await world.ensure();
  world.commit('Of another task', { 'a.txt': 'a' }, world.tree);
  await world.spaces.save(world.task, RUN, 'for a snapshot');
  world.git(['pack-refs', '--all']);
  world.git(['gc', '--quiet']);
  world.commit('After it was packed', { 'b.txt': 'b' });
  world.git(['push', '--quiet', 'origin', 'main']);
  await world.spaces.list();
  cpSync(git, kept, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
}, 60_000);
afterAll(() => world.remove());

/** From a worktree to a pushed branch; answers what did not go as it should, null: nothing. */
async function goThrough(number: number): Promise<string | null> {
  const { spaces } = world;
  const task = pendingTask(`gh-${number}`);
  try {
    const { path, baseCommit } = await spaces.ensure(task, NEVER);
    writeFileSync(join(path, 'work.txt'), 'w');
    for (const args of [
      ['add', '-A'],
      ['commit', '--quiet', '-m', 'Work'],
    ]) {
      const { code, err } = world.tryGit(args, path, 8_000);
      if (code !== 0) return `the worker’s git ${args[0]}: ${err.trim()}`;
    }
    const { commits } = await spaces.inspect(task, baseCommit);
    if (commits !== 1) return `${commits} commits`;
    const { commit } = await spaces.push(task, NEVER);
    await spaces.save(task, RUN, 'the end');
    await spaces.remove(task, RUN);
    return world.git(['--git-dir', world.remote ?? '', 'rev-parse', task.branch]) === commit ? null : 'another commit arrived';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function putBack(): Promise<void> {
  expect(spawnSync('chmod', ['-R', 'u+rwX', git]).status).toBe(0);
  rmSync(git, { recursive: true });
  cpSync(kept, git, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  await world.spaces.list();
}

test('any single fault in git’s folder leaves the other tasks running', { timeout: 1_200_000 }, async () => {
  const all = faultsOf(git);
  expect(all.filter(({ name }) => ALWAYS.includes(name))).toHaveLength(ALWAYS.length);
  const sample = all.filter(({ name }, n) => CHOSEN?.test(name) ?? (n % STEP === 0 || ALWAYS.includes(name)));
  const bad: Record<string, string> = {};
  let number = 100;
  for (const fault of sample) {
    number += 1;
    breakIt(git, fault);
    const why = await goThrough(number);
    if (why !== null) bad[fault.name] = why;
    await putBack();
  }
  expect(bad).toEqual({});
  // Nothing that was in the way was deleted.
  expect(existsSync(join(world.root, '.tac8/aside'))).toBe(true);
});

test('branches that were not packed stand where they stood, also where their folder was replaced', async () => {
  const [main, other] = ['main', 'auto/gh-1'].map((name) => world.git(['rev-parse', name]));
  for (const path of ['refs/heads', 'refs', 'refs/heads/auto']) {
    breakIt(git, { name: path, path, how: 'file' });
    await world.spaces.inspect(world.task, 'HEAD').catch(() => undefined);
    expect([path, ...['main', 'auto/gh-1'].map((name) => world.git(['rev-parse', name]))]).toEqual([path, main, other]);
    await putBack();
  }
});

test('objects that were deleted or broken, many at once, come from the remote again; an index of a pack comes from its pack', async () => {
  const mine = world.git(['rev-parse', 'auto/gh-1']);
  const ruins: readonly (readonly [string, (path: string, name: string) => void])[] = [
    ['all of them deleted', (path) => rmSync(path)],
    ['each cut in half', (path) => truncateSync(path, Math.floor(statSync(path).size / 2))],
    ['each index of a pack cut, and nothing else', (path) => path.endsWith('.idx') && truncateSync(path, 100)],
  ];
  for (const [n, [name, ruin]] of ruins.entries()) {
    for (const file of readdirSync(join(git, 'objects'), { recursive: true, encoding: 'utf8' })) {
      const path = join(git, 'objects', file);
      if (!statSync(path).isFile()) continue;
      chmodSync(path, 0o600);
      ruin(path, file);
    }
    // Its own git, of nobody’s repair, finds nothing now.
    expect([name, world.tryGit(['cat-file', '-e', `${mine}^{tree}`]).code]).not.toEqual([name, 0]);
    expect([name, await goThrough(70 + n)]).toEqual([name, null]);
    // What was never pushed is in no remote: from a pack that is whole it comes back, too.
    expect([name, world.tryGit(['cat-file', '-e', `${mine}^{tree}`]).code === 0]).toEqual([name, n === 2]);
    await putBack();
  }
});

test('what only its owner can know is left to its owner: settings that were broken before anybody looked', async () => {
  const fresh = world.again({ stateDir: join(world.home, 'another-state') });
  writeFileSync(join(git, 'config'), '[[[\n');
  await expect(fresh.list()).rejects.toThrow();
  expect(world.tryGit(['config', '--list']).code).not.toBe(0);
  await putBack();
});

test('git that waits for a named pipe goes on long before its time is over', async () => {
  const patient = world.again({ gitTimeoutMs: () => 600_000 });
  for (const path of ['refs/heads/pipe', 'logs/refs/heads/auto/gh-90']) {
    breakIt(git, { name: path, path, how: 'pipe' });
    const task = pendingTask('gh-90');
    await patient.ensure(task, NEVER);
    expect(existsSync(join(git, path)) && statSync(join(git, path)).isFIFO()).toBe(false);
    await patient.remove(task, RUN);
    await putBack();
  }
});

test('what was looked for in vain a moment ago does not keep what breaks next from being put right', async () => {
  const slow = world.again({ stateDir: join(world.home, 'fourth-state') });
  await slow.list();
  // Nothing is broken, and it fails all the same: the whole folder is walked, and rests from it.
  await expect(slow.ensure({ ...pendingTask('gh-80'), branch: 'no..name' }, NEVER)).rejects.toThrow();
  breakIt(git, { name: 'main', path: 'refs/heads/main', how: 'empty' });
  await slow.ensure(pendingTask('gh-81'), NEVER);
  await slow.remove(pendingTask('gh-81'), RUN);
  await putBack();
});

test('a repository whose refs are in another form is left as it is', async () => {
  rmSync(join(git, 'refs/heads'), { recursive: true });
  writeFileSync(join(git, 'refs/heads'), 'this repository uses the reftable format\n');
  mkdirSync(join(git, 'reftable'));
  world.write('.git/config', '[core]\n\trepositoryformatversion = 1\n[extensions]\n\trefStorage = reftable\n');
  await expect(world.again({ stateDir: join(world.home, 'third-state') }).list()).rejects.toThrow('reftable');
  expect(readFileSync(join(git, 'refs/heads'), 'utf8')).toContain('reftable format');
  await putBack();
});
