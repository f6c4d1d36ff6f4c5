import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, type TestContext, test } from 'vitest';
import { type GitRepo, makeGitRepo } from '../../support/git/git-repo.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SCRIPTS = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }).scripts;
const HEAD = '# Changelog\n\nAll changes.\n\n';
const EMPTY = '## [Unreleased]\n\n### Added\n\n';
const OLD = '## [0.1.0] - 2026-01-01\n\n- The first.\n';

/** A repository of a package with this project's own release scripts, and this changelog committed. */
function aPackage(context: Pick<TestContext, 'onTestFinished'>, changelog: string): GitRepo {
  const { preversion, version, notes } = SCRIPTS;
  const manifest = { name: 'widgets', version: '0.1.0', type: 'module', scripts: { preversion, version, notes } };
  const repo = makeGitRepo({ files: { 'package.json': `${JSON.stringify(manifest, null, 2)}\n`, 'CHANGELOG.md': changelog } });
  context.onTestFinished(repo.remove);
  mkdirSync(join(repo.root, 'scripts'));
  for (const name of ['release.ts', 'changelog.ts']) copyFileSync(join(ROOT, 'scripts', name), join(repo.root, 'scripts', name));
  repo.commit('Scripts');
  return repo;
}

function npm(repo: GitRepo, ...words: string[]): { readonly code: number | null; readonly out: string; readonly err: string } {
  const env = {
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    HOME: join(repo.home, 'home'),
    npm_config_update_notifier: 'false',
    ...{ GIT_AUTHOR_NAME: 'Test', GIT_AUTHOR_EMAIL: 'test@localhost', GIT_COMMITTER_NAME: 'Test', GIT_COMMITTER_EMAIL: 'test@localhost' },
  };
  const ran = spawnSync('npm', words, { cwd: repo.root, env, encoding: 'utf8', timeout: 60_000 });
  return { code: ran.status, out: ran.stdout, err: ran.stderr };
}
const changelogOf = (repo: GitRepo): string => readFileSync(join(repo.root, 'CHANGELOG.md'), 'utf8');

test('npm version gives the unreleased section its number and day, commits, tags, and leaves a new empty section', (context) => {
  const repo = aPackage(context, `${HEAD}## [Unreleased]\n\n### Added\n- Costs $& and $1.\n\n${OLD}`);
  expect(npm(repo, 'version', 'minor')).toMatchObject({ code: 0 });
  expect(changelogOf(repo)).toMatch(
    /^# Changelog\n\nAll changes\.\n\n## \[Unreleased\]\n\n## \[0\.2\.0\] - \d{4}-\d\d-\d\d\n\n### Added\n- Costs \$& and \$1\.\n\n## \[0\.1\.0\]/,
  );
  expect(repo.git(['tag', '--points-at', 'HEAD'])).toBe('v0.2.0');
  expect(repo.git(['status', '--porcelain'])).toBe('');
  expect(repo.git(['show', '--stat', '--format=', 'HEAD'])).toMatch(/CHANGELOG\.md[\s\S]*package\.json/);
  expect(npm(repo, 'run', '-s', 'notes').out).toBe('### Added\n- Costs $& and $1.\n');
  expect(npm(repo, 'run', '-s', 'notes', '0.1.0').out).toBe('- The first.\n');
});

test.each([
  ['nothing under Unreleased', `${HEAD}${EMPTY}${OLD}`, [], 'under [Unreleased] first what a user sees'],
  ['no such section', `${HEAD}${OLD}`, [], 'under [Unreleased] first what a user sees'],
  ['a tree with changes', `${HEAD}## [Unreleased]\n- New.\n`, ['stray.txt'], 'stray.txt'],
])('%s: refused, even with --force, and nothing is changed', (_, changelog, stray, says) => {
  const repo = aPackage({ onTestFinished }, changelog);
  for (const name of stray) repo.write(name, 'x');
  const before = repo.git(['rev-parse', 'HEAD']);
  const { code, err } = npm(repo, 'version', 'minor', '--force');
  expect(code).not.toBe(0);
  expect(err).toContain(says);
  expect([repo.git(['rev-parse', 'HEAD']), repo.git(['tag']), repo.git(['diff'])]).toEqual([before, '', '']);
});

test('notes of a version without a section are refused', (context) => {
  const repo = aPackage(context, `${HEAD}${EMPTY}${OLD}`);
  expect(npm(repo, 'run', '-s', 'notes', '9.9.9')).toMatchObject({ code: 1, out: '', err: 'CHANGELOG.md has no section of 9.9.9\n' });
});
