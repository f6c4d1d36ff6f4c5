import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseConfig } from '../../../src/config/read/load.ts';
import { type GitRepo, makeGitRepo } from '../../support/git/git-repo.ts';
import { startProgram } from '../../support/world/program.ts';

/*
 * A worker writes files beside the daemon's own, in `.tac8/`. A person then types a command that runs what the settings name.
 * Settings come from tac8.yaml alone, where a person sees them. The twin has the same command in tac8.yaml.
 */

const ROOT = join(import.meta.dirname, '../../..');
const LIMIT = { timeout: 60_000 };

let repo: GitRepo;
let canary: string;
beforeEach(() => {
  repo = makeGitRepo();
  canary = join(repo.home, 'canary');
});
afterEach(() => repo.remove());

const settings = (): string => `notify:\n  - { kind: command, command: [touch, ${canary}] }\n`;
const testAlerts = () => {
  const env = { PATH: process.env.PATH ?? '', HOME: join(repo.home, 'home') };
  return startProgram([process.execPath, join(ROOT, 'src/main.ts'), 'notify', 'test'], { cwd: repo.root, env }).ended;
};

test('settings that lie ready in .tac8/ are not believed', LIMIT, async () => {
  const loaded = parseConfig(settings(), {});
  expect(loaded.ok).toBe(true);
  if (!loaded.ok) return;
  // A key over public files protects nothing: everybody can compute it.
  const print = createHash('sha256').update('');
  for (const name of ['package.json', 'schema/tac8.schema.json']) print.update('\0').update(readFileSync(join(ROOT, name)));
  mkdirSync(join(repo.root, '.tac8'));
  writeFileSync(join(repo.root, '.tac8/settings.json'), JSON.stringify({ print: print.digest('hex'), settings: loaded.config }));
  await testAlerts();
  expect(existsSync(canary)).toBe(false);
});

test('twin: tac8.yaml is', LIMIT, async () => {
  repo.write('tac8.yaml', settings());
  await testAlerts();
  expect(existsSync(canary)).toBe(true);
});
