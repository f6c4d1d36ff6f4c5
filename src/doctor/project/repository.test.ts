import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkHooks } from './repository.ts';

test.each([
  ['hooksPath = .husky/_', 'core.hooksPath is .husky/_'],
  ['hooksPath = hooks', 'core.hooksPath is hooks'],
  ['fsmonitor = tools/watch', 'core.fsmonitor is tools/watch'],
  ['hooksPath = /usr/share/hooks', null],
  ['hooksPath = ~/hooks', null],
  ['fsmonitor = true', null],
  ['bare = false', null],
])('%s', async (line, said) => {
  const dir = mkdtempSync(join(tmpdir(), 'tac8-hooks-'));
  writeFileSync(join(dir, 'config'), `[core]\n\t${line}\n`);
  const [finding] = await checkHooks(dir);
  rmSync(dir, { recursive: true });
  expect(finding).toMatchObject(
    said === null ? { level: 'ok' } : { level: 'warn', says: expect.stringContaining(`${said}: a path in each worktree`) },
  );
});
