import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { projectIn, vitestRuns, workflowFaults } from './workflow-faults.ts';

const ROOT = join(import.meta.dirname, '../../..');
const GITHUB = join(ROOT, '.github');
const read = (path: string): string => readFileSync(join(GITHUB, path), 'utf8');
const WORKFLOWS = readdirSync(join(GITHUB, 'workflows')).map((name) => `workflows/${name}`);
const ACTIONS = readdirSync(join(GITHUB, 'actions')).map((name) => `actions/${name}/action.yml`);
const FORMS = readdirSync(join(GITHUB, 'ISSUE_TEMPLATE')).filter((name) => name !== 'config.yml');
const project = projectIn(ROOT);

test.each([...WORKFLOWS, ...ACTIONS])('%s: pinned, limited in time and rights, and everything that it starts is there', (path) => {
  expect(workflowFaults(read(path), project)).toEqual([]);
});

const SHA = '1af3b93b6815bc44a9784bd300feb67ff0d1eeb3';

test.each([
  ['a tag', '- uses: actions/checkout@v6', 'actions/checkout@v6: is not pinned to a commit'],
  ['half a commit', '- uses: actions/checkout@1af3b93 # v6.0.0', 'actions/checkout@1af3b93: is not pinned to a commit'],
  ['no version', `- uses: actions/checkout@${SHA}`, `actions/checkout@${SHA}: no comment says its version`],
  ['a folder that is gone', '- uses: ./.github/actions/gone', './.github/actions/gone: is not there'],
  ['a script that is gone', '- run: npm run gone && npm test', 'npm run gone: there is no such script'],
  ['a program that is gone', '- run: npx gone src/', 'npx gone: there is no such program'],
  ['a file that is gone', '- run: node scripts/gone.ts', 'scripts/gone.ts: is not there'],
  ['a folder of tests that is gone', '- run: npx vitest run src/ test/gone/', 'test/gone/: is not there'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what a workflow says
  ['a title in a shell', '- run: echo "${{ github.event.issue.title }}"', 'a step puts text of an event into its shell'],
  ['no steps', '', 'there are no steps'],
])('%s is found', (_, step, fault) => {
  expect(workflowFaults(plant([step]), project)).toEqual([fault]);
});

test.each([
  ['no limit of time', { 'timeout-minutes': undefined }, 'one: has no timeout of at most 120 minutes'],
  ['a day', { 'timeout-minutes': '1440' }, 'one: has no timeout of at most 120 minutes'],
  ['no permissions', { permissions: undefined }, 'one: does not name its permissions'],
  ['writing', { permissions: '{ contents: write }' }, 'one: may write contents'],
])('%s is found', (_, change, fault) => {
  expect(workflowFaults(plant(['- run: npm test'], change), project)).toEqual([fault]);
});

/** A workflow of one job that is sound but for what a test plants. */
function plant(steps: readonly string[], change: Readonly<Record<string, string | undefined>> = {}): string {
  const sound = { 'timeout-minutes': '5', permissions: '{ contents: read }' };
  const lines = Object.entries({ ...sound, ...change }).flatMap(([name, value]) => (value === undefined ? [] : [`    ${name}: ${value}`]));
  return ['permissions: {}', 'jobs:', '  one:', ...lines, '    steps:', ...steps.map((step) => `      ${step}`)].join('\n');
}

test('each test file is run by one job, and by one only', () => {
  const runs = vitestRuns(read('workflows/test.yml'), project);
  const files = globSync(['src/**/*.test.ts', 'test/**/*.test.ts'], { cwd: ROOT });
  const times = (file: string): number =>
    runs.filter(
      ({ folders, without }) => folders.some((folder) => file.startsWith(folder)) && !without.some((glob) => matchesGlob(file, glob)),
    ).length;
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => times(file) !== 1)).toEqual([]);
});

test.each(FORMS)('the form %s has what GitHub asks of a form', (name) => {
  const form = parse(read(`ISSUE_TEMPLATE/${name}`)) as Form;
  expect(form).toMatchObject({ name: expect.any(String), description: expect.any(String) });
  const ids = form.body.flatMap(({ id }) => (id === undefined ? [] : [id]));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^[\w-]+$/.test(id))).toEqual([]);
  for (const { type, attributes } of form.body) {
    expect(['markdown', 'textarea', 'input', 'dropdown', 'checkboxes']).toContain(type);
    expect(attributes[type === 'markdown' ? 'value' : 'label']).toEqual(expect.any(String));
  }
});

interface Form {
  readonly body: readonly { readonly type: string; readonly id?: string; readonly attributes: Readonly<Record<string, unknown>> }[];
}

test.each(['bug.yml', 'agent.yml'])('%s asks for the report of tac8 doctor', (name) => {
  const form = parse(read(`ISSUE_TEMPLATE/${name}`)) as Form;
  expect(form.body.find(({ id }) => id === 'bundle')).toMatchObject({
    attributes: { description: expect.stringContaining('tac8 doctor --bundle') },
    validations: { required: true },
  });
});

test('dependabot leaves alone what docs/dependencies.md pins in bold, and nothing else', () => {
  const { updates } = parse(read('dependabot.yml')) as { updates: readonly Updates[] };
  expect(updates.map((one) => one['package-ecosystem'])).toEqual(['npm', 'github-actions']);
  const held = updates.flatMap(({ ignore = [] }) => ignore.filter((one) => one['update-types'] === undefined));
  const pinned = [...readFileSync(join(ROOT, 'docs/dependencies.md'), 'utf8').matchAll(/^\| `([^`]+)` \*\*/gm)].map(([, name]) => name);
  expect(pinned.length).toBeGreaterThan(0);
  expect(held.map((one) => one['dependency-name']).sort()).toEqual(pinned.sort());
});

interface Updates {
  readonly 'package-ecosystem': string;
  readonly ignore?: readonly { readonly 'dependency-name': string; readonly 'update-types'?: readonly string[] }[];
}
