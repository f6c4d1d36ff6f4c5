import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqliteStore } from '../../src/adapters/store/sqlite/sqlite.ts';
import { type GitRepo, makeGitRepo } from '../support/git/git-repo.ts';
import { active, running } from '../support/world/world.ts';

/*
 * What a command loads decides what it costs: a person who asks `why` does not wait for the client of the forge and the daemon.
 * Counted in a repository without a forge. Settings are read anew by each command: nothing that a worker can write stands in for tac8.yaml.
 */

const ROOT = join(import.meta.dirname, '../..');
const LIMIT = { timeout: 120_000 };
/** None of these is on the way of a command that reads. */
const HEAVY = /\/node_modules\/(@octokit\/[^/]+|liquidjs|pino|prom-client|hono|@hono\/[^/]+|ink|react)\//;

let repo: GitRepo;
beforeAll(() => {
  repo = makeGitRepo({
    files: { 'tac8.yaml': 'label: rpi-auto\nagent: { kind: command, command: [my-agent] }\n', 'tasks.md': '## Pending\n[] Tidy\n' },
  });
});
afterAll(() => repo.remove());

function commandRun(...args: string[]) {
  const file = join(repo.home, 'loaded');
  const env = { PATH: process.env.PATH ?? '', HOME: join(repo.home, 'home'), LOADED: file };
  const hook = join(ROOT, 'test/integration/programs/loaded.ts');
  const argv = ['--disable-warning=ExperimentalWarning', '--import', hook, join(ROOT, 'src/main.ts'), ...args];
  const ran = spawnSync(process.execPath, argv, { cwd: repo.root, env, encoding: 'utf8', timeout: 60_000 });
  return { code: ran.status, err: ran.stderr, loaded: readFileSync(file, 'utf8').split('\n') };
}

test('a look at a live run does not load what a launch takes', LIMIT, () => {
  const database = join(repo.root, '.tac8/tac8.db');
  const store = openSqliteStore({ path: database });
  const run = running('w-00000a', 'local-7');
  store.commit({ tasks: [{ next: active('local-7', run.id), expected: null }], runs: [{ next: run, expected: null }] });
  store.close();
  try {
    const ran = commandRun('why', 'local-7');
    expect(ran.code, ran.err).toBe(0);
    expect(ran.loaded.filter((url) => /adapters\/agents\/listening\.ts$/.test(url))).toHaveLength(1);
    expect(ran.loaded.filter((url) => HEAVY.test(url))).toEqual([]);
  } finally {
    rmSync(join(repo.root, '.tac8'), { recursive: true });
  }
});

test.each<[command: string, code: number, most: number]>([
  ['--version', 0, 20],
  ['status', 0, 117],
  ['status --json', 0, 117],
  ['__complete st', 0, 25],
  ['__complete why ', 0, 85],
  ['why local-1', 5, 250],
  ['plan', 0, 237],
  ['diff local-1', 5, 192],
  ['report', 0, 120],
  ['export local-1', 5, 148],
  ['restore local-1 --list', 0, 193],
  ['clean', 0, 231],
  ['notify test', 2, 80],
  ['view local-1', 5, 86],
  ['open local-1', 5, 104],
])('tac8 %s', LIMIT, (command, code, most) => {
  const ran = commandRun(...command.split(' '));
  expect(ran.code, ran.err).toBe(code);
  const own = ran.loaded.filter((url) => !url.includes('/node_modules/'));
  expect(own.length).toBeGreaterThan(3);
  expect(ran.loaded.filter((url) => HEAVY.test(url))).toEqual([]);
  expect(own.length, own.join('\n')).toBeLessThan(most);
});
