import { expect, test } from 'vitest';
import { secretsIn } from '../secret-names.ts';
import { parseConfig } from './load.ts';

test('further agents, each with all that one has', () => {
  const read = parseConfig('agents:\n  deep: { kind: codex, effort: high }\nroutes: [{ when: { labels: [hard] }, agent: deep }]\n', {});
  if (!read.ok) throw new Error('refused');
  const { agents, routes } = read.config;
  expect(agents).toEqual({
    deep: {
      kind: 'codex',
      command: ['codex'],
      model: null,
      env: ['OPENAI_API_KEY'],
      repoSettings: false,
      login: null,
      effort: 'high',
      prices: {},
      mcp: {},
      slots: null,
      limits: {},
    },
  });
  expect(routes).toEqual([{ when: { labels: ['hard'] }, model: null, agent: 'deep' }]);
});

test.each([
  ['agents: { default: { kind: codex } }', 'agents.default: is the name of the one under agent: choose another'],
  ['agents: { deep: { kind: acp } }', 'agents.deep.command: is missing: kind acp needs the whole argv, such as [my-agent, "{{ prompt }}"]'],
  ['agents: { deep: { env: [GITHUB_TOKEN] } }', 'would hand the forge’s token to the worker'],
  ['routes: [{ when: { priority: 0 }, agent: deep }]', 'routes[0].agent: deep is not one of agents'],
  ['routes: [{ when: { priority: 0 } }]', 'routes[0]: needs an agent, a model, attempts or runs_on'],
  ['agents: { "Very Deep": {} }', 'agents'],
])('an agent that is not sound: %s', (text, words) => {
  const read = parseConfig(text, {});
  expect(read.ok ? [] : read.problems.map(({ path, message }) => `${path}: ${message}`).join('\n')).toContain(words);
});

test('routes by title, attempt and hours, and prices', () => {
  const read = parseConfig(
    'agent: { prices: { "gpt-5*": { input: 2, output: 8, cached: 0.5 } } }\nroutes: [{ when: { title: Parser, attempt: 2, hours: "22:00-06:30" }, model: big }]\n',
    {},
  );
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  expect(read.config.agent.prices).toEqual({ 'gpt-5*': { input: 2, output: 8, cached: 0.25 } });
  expect(read.config.routes).toEqual([{ when: { title: 'Parser', attempt: 2, hours: { from: 1320, to: 390 } }, model: 'big' }]);
  for (const wrong of ['hours: "24:00-06:00"', 'hours: "9-17"', 'attempt: 0'])
    expect(parseConfig(`routes: [{ when: { ${wrong} }, model: big }]\n`, {}).ok).toBe(false);
});

test('slots and limits of one agent, routes by paths and by what is left of the day’s dollars', () => {
  const read = parseConfig(
    'agents: { deep: { slots: 1, limits: { run_time: 30m, turns: 20, usd_per_task: 2 } } }\nroutes: [{ when: { paths: [src/parser], usd_left: 20 }, agent: deep }]\n',
    {},
  );
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  expect(read.config.agents.deep).toMatchObject({ slots: 1, limits: { runTime: 1_800_000, turns: 20, usdPerTask: 2 } });
  expect(read.config.routes).toEqual([{ when: { paths: ['src/parser'], usdLeft: 20 }, model: null, agent: 'deep' }]);
  expect(parseConfig('routes: [{ when: { paths: [../up] }, model: big }]\n', {}).ok).toBe(false);
  expect(parseConfig('routes: [{ when: { usd_left: 5 }, model: big, runs_on: [gpu] }]\n', {}).ok).toBe(false);
});

test('tool servers: a program or an address, secrets by name', () => {
  const read = parseConfig(
    'agent: { mcp: { docs: { command: [docs-server, --fast], env: [DOCS_TOKEN] }, tracker: { url: "https://mcp.example/mcp", token_env: TRACKER } } }\n',
    {},
  );
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  expect(read.config.agent.mcp).toEqual({
    docs: { kind: 'program', command: ['docs-server', '--fast'], env: ['DOCS_TOKEN'] },
    tracker: { kind: 'web', url: 'https://mcp.example/mcp', tokenEnv: 'TRACKER' },
  });
  // What a worker runs beside itself is redacted where it is shown, whichever agent it is of.
  const env = { DOCS_TOKEN: 'one-secret', OF_ANOTHER: 'two-secret' };
  const both = parseConfig('agent: { mcp: { docs: { command: [x], env: [DOCS_TOKEN] } } }\nagents: { deep: { env: [OF_ANOTHER] } }\n', {});
  expect(both.ok ? secretsIn(both.config, env) : []).toEqual(expect.arrayContaining(['one-secret', 'two-secret']));
});

test.each([
  ['agent: { mcp: { docs: { command: [x], url: "https://a.example" } } }', 'agent.mcp.docs'],
  ['agent: { mcp: { "a b": { command: [x] } } }', 'agent.mcp'],
  ['agent: { mcp: { docs: { command: [x], env: [GITHUB_TOKEN] } } }', 'would hand the forge’s token to the worker'],
  [
    'agent: { kind: command, command: [x], mcp: { docs: { command: [y] } } }',
    'agent.mcp: kind command takes no tool servers: leave it out',
  ],
  [
    'agent: { kind: gemini, mcp: { docs: { command: [y] } } }',
    'agent.mcp: kind gemini starts tool servers only where it trusts the repository',
  ],
])('tool servers that are not sound: %s', (text, words) => {
  const read = parseConfig(`${text}\n`, {});
  expect(read.ok ? [] : read.problems.map(({ path, message }) => `${path}: ${message}`).join('\n')).toContain(words);
});
