import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loginPrint } from './logins.ts';
import type { AgentSettings } from './settings.ts';

test('another key or another login file is another print, which tells of neither', async () => {
  const home = mkdtempSync(join(tmpdir(), 'tac8-logins-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const print = (key: string): Promise<string> =>
    loginPrint({ env: ['MY_KEY'], machine: { MY_KEY: key, OTHER: key }, home } as unknown as AgentSettings, ['.claude/.credentials.json']);
  const first = await print('hunter2');
  expect(first).toMatch(/^[0-9a-f]{16}$/);
  expect(await print('hunter2')).toBe(first);
  expect(await print('hunter3')).not.toBe(first);
  mkdirSync(join(home, '.claude'));
  writeFileSync(join(home, '.claude/.credentials.json'), '{}');
  const second = await print('hunter2');
  expect(second).not.toBe(first);
  writeFileSync(join(home, '.claude/.credentials.json'), '{"a":1}');
  expect(await print('hunter2')).not.toBe(second);
});
