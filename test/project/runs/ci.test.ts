import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

/** .ci/run in an empty project, with an `npm` that does what a test says. */
let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'tac8-ci-'));
  mkdirSync(join(project, '.ci'));
  mkdirSync(join(project, 'bin'));
  copyFileSync(join(import.meta.dirname, '../../../.ci/run'), join(project, '.ci/run'));
  symlinkSync(process.execPath, join(project, 'bin/node'));
});
afterEach(() => rmSync(project, { recursive: true }));

const RESULTS = 'for word; do case $word in --outputFile.json=*) results=$(cut -d= -f2 <<<"$word") ;; esac; done';
const counts = (passed: number, failed: number) => `printf '{"numPassedTests":${passed},"numFailedTests":${failed}}' >"$results"`;

function ci(onCi: string, onTest: string): { code: number | null; last: string | undefined; all: string } {
  const npm = `#!/bin/bash\necho "npm $*"\n${RESULTS}\ncase $1 in\nci)\n${onCi}\n;;\ntest)\n${onTest}\n;;\nesac\n`;
  writeFileSync(join(project, 'bin/npm'), npm);
  chmodSync(join(project, 'bin/npm'), 0o755);
  const env = { PATH: `${project}/bin:/usr/bin:/bin` };
  const { status, stdout } = spawnSync(join(project, '.ci/run'), { env, encoding: 'utf8', cwd: '/', timeout: 10_000 });
  return { code: status, last: stdout.trimEnd().split('\n').at(-1), all: stdout };
}

test('all is well: the counts of the tests, exit code 0; a second time as well', () => {
  for (const _ of [1, 2]) {
    const { code, last, all } = ci(':', counts(812, 0));
    expect([code, last]).toEqual([0, '812 passed, 0 failed']);
    expect(all).toMatch(/^npm ci\nnpm test -- /);
  }
});

test('failing tests: their count, and red', () => {
  expect(ci(':', `${counts(800, 12)}\nexit 1`)).toMatchObject({ code: 1, last: '800 passed, 12 failed' });
});

test('every test passed, but something else is wrong: one failed, and red', () => {
  expect(ci(':', `${counts(812, 0)}\nexit 1`)).toMatchObject({ code: 1, last: '812 passed, 1 failed' });
});

test('an exit code of 0 beside failed tests is not believed', () => {
  expect(ci(':', counts(3, 1))).toMatchObject({ code: 1, last: '3 passed, 1 failed' });
});

test('the installation breaks: no test is run', () => {
  const { code, last, all } = ci('exit 5', counts(1, 0));
  expect([code, last]).toEqual([5, '0 passed, 1 failed']);
  expect(all).not.toContain('npm test');
});

test('types or lint break before the first test: the counts of an earlier time do not count', () => {
  ci(':', counts(812, 0));
  expect(existsSync(join(project, '.cache/test-results.json'))).toBe(true);
  expect(ci(':', 'exit 2')).toMatchObject({ code: 2, last: '0 passed, 1 failed' });
});

test('results that are none are red, whatever the exit code', () => {
  expect(ci(':', 'echo "{" >"$results"')).toMatchObject({ code: 1, last: '0 passed, 1 failed' });
  expect(ci(':', ':')).toMatchObject({ code: 1, last: '0 passed, 1 failed' });
});

test('ended from outside: red', () => {
  expect(ci(':', `kill -TERM $PPID\nsleep 0.1`)).toMatchObject({ code: 143, last: '0 passed, 1 failed' });
});
