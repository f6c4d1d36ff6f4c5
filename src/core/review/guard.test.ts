import { expect, test } from 'vitest';
import { guardedIn } from './guard.ts';

test.each([
  '.github/workflows/ci.yml',
  '.GitHub/Workflows/ci.yml',
  '.github/actions/x/action.yml',
  'CLAUDE.md',
  'packages/a/AGENTS.md',
  'packages/a/.claude/settings.json',
  '.claude',
  '.mcp.json',
  '.husky/pre-commit',
  'docs/CODEOWNERS',
  '.github/CODEOWNERS',
  '.gitmodules',
  'tac8.yaml',
  'worker_template.md',
  'worker_template/rules.md',
])('%s waits for a person', (path) => expect(guardedIn([path, 'src/a.ts'], [])).toEqual([path]));

test.each([
  'src/a.ts',
  'docs/workflows/ci.yml',
  '.github/ISSUE_TEMPLATE/a.md',
  'src/claude.ts',
  'agents.md.txt',
  'x/tac8.yaml',
  '.github/workflows.md',
])('%s goes through', (path) => expect(guardedIn([path], [])).toEqual([]));

test('what a setting allows goes through: a path, or a folder with all that is in it', () => {
  const paths = ['.github/workflows/ci.yml', '.github/workflows/deploy.yml', 'AGENTS.md', 'a/AGENTS.md'];
  expect(guardedIn(paths, ['.github/workflows/ci.yml', './agents.md'])).toEqual(['.github/workflows/deploy.yml', 'a/AGENTS.md']);
  expect(guardedIn(paths, ['.github/'])).toEqual(['AGENTS.md', 'a/AGENTS.md']);
});
