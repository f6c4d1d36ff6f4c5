import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, globSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { promptVariables, render } from '../../../src/agents/ground/prompt.ts';
import { loadConfig, parseConfig } from '../../../src/config/read/load.ts';
import { SAMPLE_ISSUE, SAMPLE_RUN, SAMPLE_TASK } from '../../../src/doctor/project/samples.ts';
import { makeGitRepo } from '../../support/git/git-repo.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples');
const FOLDERS = readdirSync(EXAMPLES, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []));
const inside = (pattern: string): readonly string[] => globSync(pattern, { cwd: EXAMPLES });

/** The variables that the example tells people to set. */
function environment(folder: string): Record<string, string | undefined> {
  const path = join(EXAMPLES, folder, 'service.env');
  return existsSync(path) ? parseEnv(readFileSync(path, 'utf8')) : {};
}

test('there is one for each kind of place', () => {
  expect(FOLDERS.sort()).toEqual(['github-enterprise', 'monorepo', 'raspberry-pi', 'team']);
});

test.each(FOLDERS)('%s: the settings load without a problem, and the scripts that they name are there', (folder) => {
  const root = join(EXAMPLES, folder);
  const loaded = loadConfig(root, environment(folder));
  expect(loaded).toMatchObject({ ok: true });
  if (!loaded.ok) return;
  const { pulls, worktrees } = loaded.config;
  const named = [pulls.verify, worktrees.setup].filter((path) => path?.startsWith('./'));
  expect(named.filter((path) => !existsSync(join(root, path ?? '')))).toEqual([]);
});

/** A letter lost in a name, for every name in every example: none may pass. */
const TYPOS = FOLDERS.flatMap((folder) => {
  const lines = readFileSync(join(EXAMPLES, folder, 'tac8.yaml'), 'utf8').split('\n');
  return lines.flatMap((line, n) => {
    const [, indent = '', name = '', rest = ''] = /^( *(?:- )?)([a-z_]{3,})(:.*)$/.exec(line) ?? [];
    if (name === '') return [];
    return [{ folder, place: `${n + 1}: ${name}`, line: n + 1, text: lines.with(n, `${indent}${name.slice(0, -1)}${rest}`).join('\n') }];
  });
});

test.each(TYPOS)('$folder, a letter lost in line $place is found', ({ folder, line, text }) => {
  const loaded = parseConfig(text, environment(folder));
  expect(loaded.ok ? [] : loaded.problems.map((problem) => problem.line)).toContain(line);
});

test.each(inside('*/worker_template.md'))('%s renders, for an issue and for a line of tasks.md', (path) => {
  const template = readFileSync(join(EXAMPLES, path), 'utf8');
  const place = {
    worktree: '/srv/shop/trees/gh-1',
    baseBranch: 'main',
    previousFailure: 'timeout: 2h',
    verify: 'npm test',
    guidance: 'Be brief.',
  };
  for (const issue of [{ ...SAMPLE_ISSUE, labels: ['rpi-auto', 'pkg:cart'] }, null]) {
    const text = render(template, promptVariables(SAMPLE_TASK, SAMPLE_RUN, issue, place), path);
    expect(text).toContain('Task gh-1: A title');
    expect(text.includes('packages/cart and no other')).toBe(issue !== null);
  }
});

test('the check of the monorepo tests the packages that the branch changed, and is red when one is', (context) => {
  const at = (name: string): string => `packages/${name}/package.json`;
  const repo = makeGitRepo({ files: { [at('cart')]: '{}', [at('till')]: '{}', [at('old')]: '{}', 'README.md': 'Shop\n' } });
  context.onTestFinished(repo.remove);
  repo.git(['branch', 'base']);
  repo.git(['rm', '-q', at('old')]);
  repo.commit('Change', { 'packages/cart/index.js': '', 'packages/cart/x.js': '', 'README.md': 'Changed\n' });
  const bin = join(repo.home, 'bin');
  mkdirSync(bin);
  const check = (code: number): { readonly status: number | null; readonly stdout: string } => {
    writeFileSync(join(bin, 'npm'), `#!/bin/sh\necho "npm $*"\nexit ${code}\n`);
    chmodSync(join(bin, 'npm'), 0o755);
    const script = join(EXAMPLES, 'monorepo/scripts/check-changed.sh');
    return spawnSync(script, ['base'], { cwd: repo.root, env: { PATH: `${bin}:/usr/bin:/bin` }, encoding: 'utf8', timeout: 10_000 });
  };
  expect(check(0)).toMatchObject({ status: 0, stdout: 'npm test --workspace packages/cart\n' });
  expect(check(1)).toMatchObject({ status: 1 });
});

test.each(inside('**/*.sh'))('%s is a program that the shell can read', (path) => {
  const { status, stderr } = spawnSync('/bin/sh', ['-n', join(EXAMPLES, path)], { encoding: 'utf8', timeout: 10_000 });
  expect([status, stderr]).toEqual([0, '']);
  expect(statSync(join(EXAMPLES, path)).mode & 0o111).toBe(0o111);
});
