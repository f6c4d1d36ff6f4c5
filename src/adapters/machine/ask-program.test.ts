import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { processesOf } from '../../../test/setup/leftovers.ts';
import { until } from '../../../test/support/world/program.ts';
import { askProgram, findProgram } from './ask-program.ts';

const env = { PATH: '/usr/bin:/bin' };
let dir = '';
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'tac8-ask-')));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('what a program says, and how it ends', async () => {
  expect(await askProgram('sh', ['-c', 'cat; echo bad >&2; exit 3'], { env, input: 'good' })).toEqual({
    kind: 'ended',
    code: 3,
    out: 'good',
    err: 'bad\n',
  });
  expect(await askProgram('true', [], { env, input: 'x'.repeat(1_000_000) })).toMatchObject({ kind: 'ended', code: 0 });
  expect(await askProgram('/nowhere/program', [], { env })).toEqual({ kind: 'not started', why: 'ENOENT' });
  expect(await askProgram('sh', ['-c', 'kill -TERM $$'], { env })).toEqual({ kind: 'not started', why: 'ended by SIGTERM' });
});

test('one that hangs is ended with all that it started', async () => {
  expect(await askProgram('sh', ['-c', 'sleep 300 & sleep 300'], { env, cwd: dir, timeoutMs: 300 })).toEqual({ kind: 'late', ms: 300 });
  await until('the end of all of it', () => processesOf(dir).length === 0);
});

test('a program is found as a command line finds it', () => {
  const program = join(dir, 'bin/mine');
  mkdirSync(join(dir, 'bin/folder'), { recursive: true });
  writeFileSync(program, '');
  expect(findProgram('mine', join(dir, 'bin'), '/')).toBeNull();
  chmodSync(program, 0o755);
  expect(findProgram('mine', `/nowhere:${join(dir, 'bin')}`, '/')).toBe(program);
  expect(findProgram('./bin/mine', '', dir)).toBe(program);
  expect(findProgram(program, '', '/')).toBe(program);
  expect(findProgram('folder', join(dir, 'bin'), '/')).toBeNull();
});
