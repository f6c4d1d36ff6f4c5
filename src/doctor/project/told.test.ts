import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { KINDS } from '../../agents/kinds.ts';
import { checkServers, checkTold, type ToldPort } from './agent.ts';

function port(more: Partial<ToldPort> = {}): ToldPort {
  const root = mkdtempSync(join(tmpdir(), 'tac8-told-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, '.claude'));
  for (const path of ['.claude/settings.json', '.mcp.json', 'opencode.json']) writeFileSync(join(root, path), '{}');
  const guidance = ['CLAUDE.md', 'AGENTS.md'];
  return { ...{ agent: KINDS.claude, guidance, readsItself: [], repoSettings: false, servers: {}, env: {}, root }, ...more };
}
const said = (findings: ReturnType<typeof checkTold>) => findings.map(({ level, says }) => `${level} ${says}`);

test('what the prompt brings, and what of the repository’s settings is not loaded', () => {
  expect(said(checkTold(port()))).toEqual([
    'ok its prompt brings CLAUDE.md, AGENTS.md; .claude/settings.json, .mcp.json: not loaded (repo_settings: false)',
  ]);
});

test('what the agent reads by itself, and a warning where the repository’s settings count', () => {
  expect(said(checkTold(port({ readsItself: ['CLAUDE.md'], repoSettings: true })))).toEqual([
    'ok the agent reads CLAUDE.md by itself; its prompt brings AGENTS.md',
    'warn .claude/settings.json, .mcp.json: loaded (repo_settings: true); what is in there runs without anyone being asked',
  ]);
});

test('an agent has its own files, and one that never loads them says so', () => {
  expect(said(checkTold(port({ agent: KINDS.opencode, guidance: [] })))).toEqual(['ok opencode.json: not loaded (repo_settings: false)']);
  expect(checkTold(port({ agent: KINDS.command, guidance: [] }))).toEqual([]);
});

test('a tool server needs its program and its variables', () => {
  const servers = {
    here: { kind: 'program', command: ['sh'], env: ['KEY'] },
    gone: { kind: 'program', command: ['no-such-program'], env: [] },
    web: { kind: 'web', url: 'https://mcp.example/mcp', tokenEnv: null },
  } as const;
  const env = { PATH: '/usr/bin:/bin' };
  expect(said(checkServers(port({ servers, env })))).toEqual([
    'warn the tool server here needs $KEY, not set here',
    'bad the tool server gone: no-such-program is not there, or not executable',
    'ok web: https://mcp.example/mcp',
  ]);
  expect(said(checkServers(port({ servers: { here: servers.here }, env: { ...env, KEY: 'x' } })))[0]).toMatch(/^ok here: \/.*\/sh$/);
});
