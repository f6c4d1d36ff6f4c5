import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withAgentsTable } from '../../../scripts/tables/agents-table.ts';
import { withSettingsTable } from '../../../scripts/tables/settings-table.ts';
import { KIND_NAMES } from '../../../src/agents/known.ts';
import { EXIT } from '../../../src/cli/ground/exit-codes.ts';
import { createProgram } from '../../../src/cli/program.ts';
import { REAL_AGENTS } from '../../support/agents/real-agents.ts';

const ROOT = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

test('the README is short, and says how to install, see and test', () => {
  const readme = read('README.md');
  expect(readme.split('\n').length).toBeLessThan(120);
  for (const line of ['npm i -g', 'npm ci && npm run demo', 'npm ci && npm test', 'tac8 doctor']) expect(readme).toContain(line);
});

test('docs/commands.md names every command, and no other', async () => {
  const named = [...read('docs/commands.md').matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = '']) => cell.match(/(?<=`)[a-z]+/g) ?? []);
  const hidden = new Set(['help']);
  const there = (await createProgram()).commands
    .map((command) => command.name())
    .filter((name) => !hidden.has(name) && !name.startsWith('_'));
  expect([...new Set(named)].sort()).toEqual(there.sort());
});

test('docs/commands.md has every exit code', () => {
  const table = [...read('docs/commands.md').matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect(table).toEqual(Object.values(EXIT).sort());
});

test('the table of docs/settings.md is written from the schema (else: node scripts/write-schema.ts)', () => {
  const page = read('docs/settings.md');
  expect(page).toBe(withSettingsTable(page));
  expect(page).toContain('| `limits.run_time` | `2h` | Longest time of one run. |');
});

test('the table of docs/agents.md is written from the agents’ folders (else: node scripts/write-schema.ts)', () => {
  const page = read('docs/agents.md');
  expect(page).toBe(withAgentsTable(page));
  for (const name of KIND_NAMES) expect(page).toContain(`\n| \`${name}\` | `);
});

test('every npm script and test folder that a page tells people to run is there', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const pages = globSync(['*.md', 'docs/**/*.md', '.github/**/*.md'], { cwd: ROOT });
  const told = pages.flatMap((page) => {
    const run = [...read(page).matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)].filter(([, name = '']) => !(name in scripts));
    const tests = [...read(page).matchAll(/\bnpx vitest run ([\w./-]+)/g)].filter(([, folder = '']) => !existsSync(join(ROOT, folder)));
    return [...run, ...tests].map(([words]) => `${page}: ${words}`);
  });
  expect(told).toEqual([]);
});

test('docs/agents.md tells what was seen of each real agent that the tests pin (else: npm run agents)', () => {
  const rows = read('docs/agents.md')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'));
  const head = rows.findIndex((row) => row.startsWith('| what was tried |'));
  const cells = (row = ''): readonly string[] => row.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, ''));
  expect(cells(rows[head]).slice(1)).toEqual(REAL_AGENTS.map(({ kind, version }) => `\`${kind}\` ${version}`));
  // A case that is added to the suite stands there as well; one that is tried on some agents alone is said to be.
  const suite = read('test/e2e/agents/agents.test.ts');
  const named = rows.slice(head + 1).map((row) => cells(row)[0] ?? '');
  const titles = [...suite.matchAll(/(?:test|concurrent)\('([^']+)'/g)].map(([, title = '']) => title);
  const kinds = [...suite.matchAll(/^ {4}\['((?:a|an) [^']+)', [[{]/gm)].map(([, what = '']) => `${what} has its name`);
  expect(titles.length).toBeGreaterThan(6);
  expect(kinds.length).toBeGreaterThan(4);
  for (const title of [...titles, ...kinds]) expect(named).toContain(title);
  expect(rows.slice(head + 1).join('\n')).not.toContain('not seen');
});
