import { chmodSync, existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
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

describe('furnishing', () => {
  test('files named by .worktreeinclude are copied, others and ours are not', async () => {
    world.commit('Ignore', { '.gitignore': '.env\nsecret/\nbuild/\n', '.worktreeinclude': '.env\nsecret/*\n!secret/no\n' });
    world.git(['push', '--quiet']);
    world.write('.env', 'KEY=1');
    world.write('secret/yes', 'y');
    world.write('secret/no', 'n');
    world.write('build/out', 'o');
    await world.ensure();
    expect(readFileSync(join(world.tree, '.env'), 'utf8')).toBe('KEY=1');
    expect([
      existsSync(join(world.tree, 'secret/yes')),
      existsSync(join(world.tree, 'secret/no')),
      existsSync(join(world.tree, 'build')),
    ]).toEqual([true, false, false]);
    expect(world.git(['status', '--porcelain'], world.tree)).toBe('');
  });

  const setup = (script: string): void => {
    world.write('setup.sh', `#!/bin/sh\n${script}\n`);
    chmodSync(join(world.root, 'setup.sh'), 0o755);
  };

  test('the setup script runs in the worktree, once; a failed one again, with the end of its output in the error', async () => {
    const spaces = world.again({ setup: './setup.sh' });
    setup('for n in 1 2 3 4; do echo "step $n"; done; echo no such tool; exit 3');
    const error = await failure(spaces.ensure(world.task, NEVER));
    expect(error.sort).toBe('terminal');
    expect(error.message).toContain('exit 3');
    expect(error.message).toMatch(/: step 3 · step 4 · no such tool$/);
    // Its log is named as it is from the root.
    expect(error.hint).toMatch(/^Its whole output is in (?!\/)\S+;/);
    setup('pwd >> ran; echo "$TAC8_TASK" >> ran; env > all');
    await spaces.ensure(world.task, NEVER);
    await world.again({ setup: './setup.sh' }).ensure(world.task, NEVER);
    expect(readFileSync(join(world.tree, 'ran'), 'utf8')).toBe(`${world.tree}\ngh-1\n`);
    const names = readFileSync(join(world.tree, 'all'), 'utf8').match(/^\w+(?==)/gm);
    expect(names?.filter((name) => name !== '_').sort()).toEqual([
      ...['HOME', 'PATH', 'PWD', 'TAC8_ROOT', 'TAC8_RUN', 'TAC8_RUN_DIR', 'TAC8_TASK', 'TAC8_TREE'],
    ]);
  });

  test('one that hangs is ended with its children', async () => {
    setup('sleep 61.5 & echo $! > child; wait');
    const error = await failure(world.again({ setup: './setup.sh', setupTimeoutMs: () => 3_000 }).ensure(world.task, NEVER));
    expect(error.message).toContain('longer than limits.setup: 3s');
    const pid = readFileSync(join(world.tree, 'child'), 'utf8').trim();
    await expect.poll(() => existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))).toBe(false);
  });
});

test('what an agent adds is in its commit; STOP, BLOCKED.md and our own files are not', async () => {
  writeFileSync(join(world.root, '.git/info/exclude'), '*.swp');
  await world.ensure();
  const files = [
    'src/logs/x.ts',
    'logs/readme.txt',
    'src/STOP',
    'STOP',
    'BLOCKED.md',
    'logs/gh-1.jsonl',
    'logs/gh-1.w-aaaaaa.stderr.log',
    'a.swp',
  ];
  for (const path of files) world.write(path, 'x', world.tree);
  world.git(['add', '-A'], world.tree);
  expect(world.git(['diff', '--cached', '--name-only'], world.tree).split('\n')).toEqual(['logs/readme.txt', 'src/STOP', 'src/logs/x.ts']);
  world.write('tasks.md', '# Work Queue');
  world.write('adws/metrics.json', '{}');
  expect(world.git(['status', '--porcelain'])).toBe('');
  const before = readFileSync(join(world.root, '.git/info/exclude'), 'utf8');
  expect(before.startsWith('*.swp\n')).toBe(true);
  await world.again().prepareRepository();
  expect(readFileSync(join(world.root, '.git/info/exclude'), 'utf8')).toBe(before);
});

test('what a daemon that was killed in a take-over left beside the objects goes; one that is at it now keeps its own', async () => {
  const objects = join(world.root, '.git/objects');
  const [old, fresh] = ['incoming-tac8-old', 'incoming-tac8-new'].map((name) => join(objects, name));
  for (const folder of [old, fresh]) mkdirSync(join(folder ?? '', 'pack'), { recursive: true });
  const before = Date.now() / 1000 - 7200;
  utimesSync(old ?? '', before, before);
  await world.again().prepareRepository();
  expect([old, fresh].map((folder) => existsSync(folder ?? ''))).toEqual([false, true]);
});
