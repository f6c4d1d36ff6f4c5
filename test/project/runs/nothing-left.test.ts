import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { processesOf } from '../../setup/leftovers.ts';

const ROOT = join(import.meta.dirname, '../../..');

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'tac8-nested-')));
  mkdirSync(join(folder, 'test'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs vitest with our configuration on one test that does this. */
async function nested(body: string): Promise<{ code: number; said: string }> {
  const imports =
    "import { spawn } from 'node:child_process';\nimport { mkdtempSync } from 'node:fs';\nimport { tmpdir } from 'node:os';\n";
  writeFileSync(join(folder, 'test/one.test.ts'), `${imports}test('passes', () => {\n${body}\n});\n`);
  const args = ['run', '--root', folder, '--config', join(ROOT, 'vitest.config.ts'), '--globals'];
  const env = { PATH: process.env.PATH, TMPDIR: folder };
  const run = promisify(execFile)(join(ROOT, 'node_modules/.bin/vitest'), args, { env, timeout: 18_000 });
  const { code, stdout, stderr } = await run.then(
    (done) => ({ code: 0, ...done }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
  return { code, said: stdout + stderr };
}

test('a run that cleans up passes', async () => {
  const { code, said } = await nested('expect(tmpdir()).toContain("tac8-tests-");');
  expect([code, said]).toEqual([0, expect.stringContaining('1 passed')]);
});

test('processes left fail the run, are named, and are ended', async () => {
  const start = (command: string, args: string, options: string) =>
    `spawn('${command}', [${args}], { ${options}, detached: true, stdio: 'ignore' }).unref();`;
  const { code, said } = await nested(
    [
      start('sleep', "'61'", 'cwd: tmpdir(), env: {}'),
      start('sleep', "'62'", "cwd: '/', env: { TAC8_RUN_DIR: tmpdir() }"),
      start('tail', "'-F', tmpdir() + '/none'", "cwd: '/', env: {}"),
    ].join('\n'),
  );
  expect(code).toBe(1);
  expect(said).toMatch(/the tests left something behind:/);
  expect(said).toMatch(/process \d+ \(known by its cwd\): sleep 61/);
  expect(said).toMatch(/process \d+ \(known by its environment\): sleep 62/);
  expect(said).toMatch(/process \d+ \(known by its arguments\): tail -F /);
  expect(processesOf(folder)).toEqual([]);
});

test('a file left fails the run and is named', async () => {
  const { code, said } = await nested("mkdtempSync(tmpdir() + '/forgotten-');");
  expect([code, said]).toEqual([1, expect.stringMatching(/in the folder for temporary files: forgotten-/)]);
});
