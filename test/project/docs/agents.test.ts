import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { KIND_NAMES } from '../../../src/agents/known.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Made-up worlds that speak as one agent does, so that all the rest is tried on them. */
const WORLDS = ['src/demo/', 'src/escape/', 'src/chaos/', 'src/cli/begin/demo.ts'];
/** The tables: of all agents, of what the settings and the logs know of them, of how the client speaks to them, and of those that the first version knew. */
const TABLES: readonly string[] = [
  'src/core/review/guard.ts',
  'src/agents/kinds.ts',
  'src/agents/known.ts',
  'src/agents/readers.ts',
  'src/agents/drivers.ts',
  // Its protocol is one that any other may speak, and has a folder of its own.
  'src/agents/gemini/driver.ts',
  'src/agents/at-first.ts',
];
/** Also words of everyday use: only a comparison shows that the agent is meant. */
const EVERYDAY = ['command'];

/** Variables of a provider, whose name an agent bears as well. */
const PROVIDERS = /\bGEMINI_API_KEY\b|\bGOOGLE_GEMINI_BASE_URL\b/g;

const COMPARED = [
  [
    'compares the kind of an agent',
    /\bagent\??\.kind\s*[!=]==?|[!=]==?\s*[\w.?()]*\bagent\??\.kind\b|switch\s*\(\s*[\w.?]*\bagent\??\.kind\b/,
  ],
  ['takes the kind out of an agent', /\{[^{}]*\bkind\b[^{}]*\}\s*=\s*(?!folder\.)[\w.?]*\bagent\b/],
  ['makes an agent of a name', /\bagent:\s*\{[^{}]*\bkind:\s*['"`]/],
] as const;

/** What a file knows of agents and should not. Comments do not count. */
function faultsIn(file: string, text: string): readonly string[] {
  if (TABLES.includes(file) || WORLDS.some((world) => file.startsWith(world))) return [];
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/g, '').replaceAll(PROVIDERS, '');
  const named = KIND_NAMES.filter((name) => !file.startsWith(`src/agents/${name}/`) && !EVERYDAY.includes(name))
    .filter((name) => new RegExp(`${name}`, 'i').test(code))
    .map((name) => `${file}: names ${name}`);
  return [...named, ...COMPARED.filter(([, sign]) => sign.test(code)).map(([what]) => `${file}: ${what}`)];
}

const sources = globSync('src/**/*.{ts,tsx}', { cwd: ROOT }).filter((file) => !file.endsWith('.test.ts'));

test('nobody asks which agent it is but its own folder and the table: others ask what it can', () => {
  expect(sources).toContain('src/core/settle/classify.ts');
  expect(sources.flatMap((file) => faultsIn(file, readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
});

test.each([
  ['src/core/settle/classify.ts', "if (run.agent.kind === 'command') return x;", 'compares the kind of an agent'],
  ['src/core/settle/classify.ts', "if ('x' !== lastRun(task)?.agent.kind) return x;", 'compares the kind of an agent'],
  ['src/cli/steer/attach-session.ts', 'switch (settings.agent.kind) {}', 'compares the kind of an agent'],
  ['src/doctor/project/project-checks.ts', 'const { kind, command } = settings.agent;', 'takes the kind out of an agent'],
  ['src/core/tick/policy.ts', "agent: { kind: 'command', model: null },", 'makes an agent of a name'],
  ['src/config/settings.ts', "const [program = 'claude'] = command;", 'names claude'],
  ['src/agents/line.ts', "import { claudeEvents } from './x.ts';", 'names claude'],
  ['src/agents/command/argv.ts', "const CLAUDE_CODE = '1';", 'names claude'],
])('%s: %s', (file, code, fault) => {
  expect(faultsIn(file, `// a comment\n${code}\n`)).toEqual([`${file}: ${fault}`]);
});

test.each([
  ['src/core/model/run.ts', '/** Claude says it again. */\nconst x = 1; // claude'],
  ['src/agents/claude/argv.ts', "const program = 'claude';"],
  ['src/config/notify-settings.ts', "if (kind === 'command') return x;"],
  ['src/core/start/schedule.ts', 'agent: { ...policy.agent, model }'],
])('sound code is let through: %s', (file, code) => {
  expect(faultsIn(file, code)).toEqual([]);
});
