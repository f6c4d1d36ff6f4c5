import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { serversFor } from './acp/servers.ts';
import { writeServers } from './claude/hooks.ts';
import { serverArgs } from './codex/servers.ts';
import { programsOf, type ToolServers, variablesOf } from './ground/mcp.ts';
import { OPENCODE_WRITTEN } from './opencode/abilities.ts';
import { serversIn } from './opencode/servers.ts';
import { opencodeRoutes } from './opencode/services.ts';

const SERVERS: ToolServers = {
  docs: { kind: 'program', command: ['docs-server', '--fast'], env: ['DOCS_TOKEN'] },
  tracker: { kind: 'web', url: 'https://mcp.example/mcp', tokenEnv: 'TRACKER_TOKEN' },
  open: { kind: 'web', url: 'https://open.example/mcp', tokenEnv: null },
};

const filled = (name: string): string => `\${${name}}`;

test('the variables and programs that they need are known', () => {
  expect(variablesOf(SERVERS)).toEqual(['DOCS_TOKEN', 'TRACKER_TOKEN']);
  expect(programsOf(SERVERS)).toEqual(['docs-server', '--fast']);
});

test('Claude Code reads them from a file in which secrets are names', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tac8-servers-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  expect(await writeServers(folder)).toBeNull();
  const path = await writeServers(folder, SERVERS);
  expect(JSON.parse(readFileSync(path ?? '', 'utf8'))).toEqual({
    mcpServers: {
      docs: { command: 'docs-server', args: ['--fast'], env: { DOCS_TOKEN: filled('DOCS_TOKEN') } },
      tracker: { type: 'http', url: 'https://mcp.example/mcp', headers: { Authorization: `Bearer ${filled('TRACKER_TOKEN')}` } },
      open: { type: 'http', url: 'https://open.example/mcp' },
    },
  });
});

test('Codex is told by its arguments', () => {
  const args = serverArgs(SERVERS).filter((word) => word !== '-c');
  expect(args).toEqual([
    'mcp_servers.docs.command="docs-server"',
    'mcp_servers.docs.args=["--fast"]',
    'mcp_servers.docs.env_vars=["DOCS_TOKEN"]',
    'mcp_servers.tracker.url="https://mcp.example/mcp"',
    'mcp_servers.tracker.bearer_token_env_var="TRACKER_TOKEN"',
    'mcp_servers.open.url="https://open.example/mcp"',
  ]);
  expect(serverArgs()).toEqual([]);
});

test('OpenCode is told by a variable, beside what stands there already', () => {
  expect(serversIn({}, { OPENCODE_CONFIG_CONTENT: '{"model":"x/y"}' })).toEqual({});
  const told = JSON.parse(
    serversIn(SERVERS, { OPENCODE_CONFIG_CONTENT: '{"model":"x/y","mcp":{"mine":{}}}' }).OPENCODE_CONFIG_CONTENT ?? '',
  );
  expect(told).toMatchObject({
    model: 'x/y',
    mcp: {
      mine: {},
      docs: { type: 'local', command: ['docs-server', '--fast'], environment: { DOCS_TOKEN: '{env:DOCS_TOKEN}' } },
      tracker: { type: 'remote', url: 'https://mcp.example/mcp', headers: { Authorization: 'Bearer {env:TRACKER_TOKEN}' } },
    },
  });
  expect(told.mcp.open.headers).toBeUndefined();
});

test('OpenCode is told in a box where its providers are, beside what it says of them already', () => {
  const content = '{"provider":{"openai":{"options":{"timeout":5}},"mine":{}}}';
  const door = 'http://127.0.0.1:3128';
  const env = { OPENCODE_CONFIG_CONTENT: content, OPENAI_BASE_URL: `${door}/openai`, OPENROUTER_BASE_URL: `${door}/openrouter` };
  expect(JSON.parse(serversIn({}, env).OPENCODE_CONFIG_CONTENT ?? '')).toMatchObject({
    provider: {
      mine: {},
      openai: { options: { timeout: 5, baseURL: '{env:OPENAI_BASE_URL}' } },
      openrouter: { options: { baseURL: '{env:OPENROUTER_BASE_URL}' } },
    },
  });
  // Outside its own libraries take up such a variable, or leave it.
  expect(serversIn({}, { OPENAI_BASE_URL: 'https://gateway.example/v1' })).toEqual({});
});

test('the logins of OpenCode are those of the environment, and keys that it was given by hand', () => {
  const kept = JSON.stringify({ openrouter: { type: 'api', key: 'k' }, anthropic: { type: 'oauth', access: 'a' } });
  const routes = opencodeRoutes((path) => (path.endsWith('auth.json') ? kept : null));
  expect(routes.flatMap(({ name, file }) => (file === null ? [] : [[name, file.at, file.variable]]))).toEqual([
    ['openrouter', ['openrouter', 'key'], 'OPENROUTER_API_KEY'],
  ]);
  const withoutHome = opencodeRoutes(() => null);
  expect(withoutHome.flatMap(({ variables }) => variables.map(({ name }) => name))).toEqual(
    expect.arrayContaining([...OPENCODE_WRITTEN.env]),
  );
  expect(withoutHome.every(({ file, address }) => file === null && /\/v1(?:beta)?$/.test(address.standard))).toBe(true);
});

test('others are told by the protocol, secrets filled in; one that takes no addresses is not told them, and that is said', () => {
  const env = { DOCS_TOKEN: 'a', TRACKER_TOKEN: 'b' };
  const docs = { name: 'docs', command: 'docs-server', args: ['--fast'], env: [{ name: 'DOCS_TOKEN', value: 'a' }] };
  expect(serversFor(SERVERS, { mcpCapabilities: { http: true } }, env)).toEqual({
    servers: [
      docs,
      { type: 'http', name: 'tracker', url: 'https://mcp.example/mcp', headers: [{ name: 'Authorization', value: 'Bearer b' }] },
      { type: 'http', name: 'open', url: 'https://open.example/mcp', headers: [] },
    ],
    untold: [],
  });
  const less = serversFor(SERVERS, {}, env);
  expect([less.servers, less.untold.length]).toEqual([[docs], 2]);
});
