import { expect, test } from 'vitest';
import { agentBench, run } from '../../../test/support/agents/agent-run.ts';
import { CODEX } from '../../agents/codex/abilities.ts';
import type { ToolServers } from '../../agents/ground/mcp.ts';
import type { Needs } from '../../engine/ports/machine/box.ts';

async function needsWith(mcp: ToolServers, kind: 'claude' | 'codex'): Promise<Needs | undefined> {
  const bench = agentBench({ kind, mcp, command: [kind] });
  try {
    const agent = kind === 'codex' ? { agent: { kind, can: CODEX, model: null } } : {};
    return (await bench.prepare(run(agent))).needs;
  } finally {
    await bench.close();
  }
}

test.each(['claude', 'codex'] as const)('%s needs the hosts and programs of its own tool servers, and of nobody else’s', async (kind) => {
  const tracker = { kind: 'web', url: 'https://tracker.example/mcp', tokenEnv: null } as const;
  const inside = { kind: 'web', url: 'http://tools.corp:8080/mcp', tokenEnv: 'TOKEN' } as const;
  const docs = { kind: 'program', command: ['docs-server', '--stdio'], env: [] } as const;
  const { hosts, programs } = (await needsWith({ tracker, inside, docs }, kind)) ?? {};
  expect(hosts).toEqual(['tracker.example', 'tools.corp:8080']);
  expect(programs).toEqual(expect.arrayContaining(['docs-server', '--stdio']));
  expect((await needsWith({}, kind))?.hosts).toEqual([]);
});
