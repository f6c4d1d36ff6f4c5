import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AgentSettings } from '../ground/settings.ts';
import { welcome } from './attach.ts';

let dir: string;
let home: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tac8-welcome-'));
  home = join(dir, 'task');
  for (const path of [home, join(dir, 'person')]) mkdirSync(path);
});
afterEach(() => rmSync(dir, { recursive: true }));

const greet = (): Promise<void> => welcome({ home: join(dir, 'person') } as AgentSettings, home);
const kept = (): Record<string, unknown> => JSON.parse(readFileSync(join(home, '.claude.json'), 'utf8')) as Record<string, unknown>;

test('the first question is answered, with the person’s colours and nothing else of theirs; what the agent keeps stays', async () => {
  writeFileSync(
    join(dir, 'person/.claude.json'),
    JSON.stringify({ theme: 'light', oauthAccount: { emailAddress: 'me@example' }, userID: 'secret' }),
  );
  writeFileSync(join(home, '.claude.json'), JSON.stringify({ numStartups: 3 }));
  await greet();
  expect(kept()).toEqual({
    ...{ numStartups: 3, theme: 'light', hasCompletedOnboarding: true },
    customApiKeyResponses: { rejected: [], approved: [expect.stringMatching(/^[0-9a-f]{20}$/)] },
  });
  const before = kept();
  await greet();
  expect(kept()).toEqual(before);
});

test.each([
  ['a link', (path: string, victim: string) => symlinkSync(victim, path)],
  ['a folder', (path: string) => mkdirSync(path)],
  ['no JSON', (path: string) => writeFileSync(path, '[')],
  ['a list', (path: string) => writeFileSync(path, '[1]')],
  ['lists of something else', (path: string) => writeFileSync(path, '{"customApiKeyResponses":{"approved":7},"hasCompletedOnboarding":1}')],
])('%s that a worker put there does no harm', async (_, put) => {
  const victim = join(dir, 'victim');
  writeFileSync(victim, 'mine');
  put(join(home, '.claude.json'), victim);
  await greet();
  expect(kept()).toMatchObject({ hasCompletedOnboarding: true });
  expect(readFileSync(victim, 'utf8')).toBe('mine');
  expect(readdirSync(home).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});
