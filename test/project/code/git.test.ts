import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/*
 * git believes what a worker can write, unless it is called as `adapters/git/call/git.ts` calls it. So nothing else in the product starts it; each
 * exception says why it cannot be led astray.
 */

const ROOT = join(import.meta.dirname, '../../../src');

const MEANT: Readonly<Record<string, string>> = {
  'adapters/git/call/git.ts': 'the one',
  'place/place.ts': 'asks where the repository is, from a folder inside of it; rev-parse alone, and no transport',
  'doctor/project/machine.ts': 'asks for the version',
  'doctor/project/repository.ts': 'rev-parse alone, and no transport',
  'compose/remote/meaning.ts':
    'remote get-url, and config of the person’s own, where tac8 may never have been started: nothing is written for it',
  'adapters/git/call/persons-author.ts': 'the name and mail of a person’s own settings, where there is no repository',
  'chaos/agent/scripts.ts': 'plays a worker',
  'demo/agent/hands.ts': 'plays a worker',
  'demo/agent/scripts.ts': 'plays a worker',
  'demo/ground/git.ts': 'a world of the demo’s own, made and judged from the outside',
  'escape/place.ts': 'a repository of its own, made a moment ago; and plays a worker',
  'forge-fake/serve/git-http.ts': 'plays the forge',
  'forge-fake/state/git.ts': 'plays the forge',
};

/** A program called git as the first word of a call, of a command in an array, or of a shell line. */
const STARTS =
  /\b(?:spawn|spawnSync|exec|execSync|execFile|execFileSync|runChild|ask|askProgram|run|bash)\(\s*['"`](?:\/\S*\/)?git\b|\[\s*['"`](?:\/\S*\/)?git['"`]\s*,|\bexec git\b/;

const startsGit = (code: string): boolean => STARTS.test(code);

test('one function starts git, and each exception is named', () => {
  const files = globSync('**/*.ts', { cwd: ROOT }).filter((file) => !file.endsWith('.test.ts'));
  const found = files.filter((file) => startsGit(readFileSync(join(ROOT, file), 'utf8')));
  expect(found.toSorted()).toEqual(Object.keys(MEANT).toSorted());
});

test.each([
  "spawn('git', ['status'])",
  "execFileSync(\n  'git', args)",
  "await runChild('/usr/bin/git', [])",
  "await port.ask('git', args)",
  "run('git log')",
  "const command = ['git', 'status'];",
  `runChild('/bin/sh', ['-c', 'exec git "$@"'])`,
])('a planted one is seen: %s', (code) => expect(startsGit(code)).toBe(true));

test.each(["const words = 'git is not installed';", "spawn('gitk')", 'git([`status`])'])('another thing is none: %s', (code) =>
  expect(startsGit(code)).toBe(false));
