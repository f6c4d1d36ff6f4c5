import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GitWorld, makeGitWorld } from '../../support/git/git-workspaces.ts';
import { set } from '../../support/git/intruder.ts';
import { startProgram } from '../../support/world/program.ts';

/*
 * A person types a command in a repository whose settings a worker wrote. No program of the worker's runs; the twin is git as the person types it.
 */

const MAIN = join(import.meta.dirname, '../../../src/main.ts');
let world: GitWorld;
let canary: string;
const sounded = (): boolean => existsSync(join(world.home, 'sounded'));

beforeAll(async () => {
  world = makeGitWorld({ files: { 'tac8.yaml': 'agent: { kind: command, command: [my-agent] }\n', 'a.txt': 'a' } });
  await world.ensure();
  world.write('a.txt', 'b', world.tree);
  canary = join(world.home, 'canary.sh');
  writeFileSync(canary, `#!/bin/sh\n: > '${world.home}/sounded'\n`);
  chmodSync(canary, 0o755);
  for (const key of [
    'core.fsmonitor',
    'diff.external',
    'core.sshCommand',
    'core.pager',
    'pager.diff',
    'filter.x.clean',
    'filter.x.smudge',
  ]) {
    set(world, key, canary);
  }
  set(world, 'remote.far.url', 'ssh://localhost:1/x');
  set(world, 'remote.far.promisor', 'true');
  world.write('.git/info/attributes', '* filter=x\n');
  world.git(['update-ref', '--no-deref', 'refs/heads/lost', world.git(['rev-parse', 'HEAD'])]);
  world.write('.git/refs/heads/lost', `${'d'.repeat(40)}\n`);
}, 60_000);
afterAll(() => world.remove());

test.each([
  'doctor',
  'status',
  'diff gh-1',
  'diff gh-1 --stat',
  'restore gh-1 --list',
  'clean',
  'why gh-1',
  'remote show',
])('tac8 %s runs no program of a worker’s', async (command) => {
  const env = { PATH: process.env.PATH ?? '', HOME: join(world.home, 'home') };
  const { out, err } = await startProgram([process.execPath, MAIN, ...command.split(' ')], { cwd: world.root, env }).ended;
  expect(`${out}${err}`).not.toBe('');
  if (command === 'diff gh-1') expect(out).toContain('+b');
  expect(sounded()).toBe(false);
}, 60_000);

test('twin: git as a person types it does', () => {
  world.tryGit(['diff'], world.tree);
  expect(sounded()).toBe(true);
});
