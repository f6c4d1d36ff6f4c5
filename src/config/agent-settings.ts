import type { ToolServer, ToolServers } from '../agents/ground/mcp.ts';
import type { Price, Prices } from '../agents/ground/settings.ts';
import { knownOf } from '../agents/known.ts';
import type { AgentLimits } from '../core/agent/abilities.ts';
import type { Checked } from './schema/schema.ts';

export interface AgentSettings {
  readonly kind: string;
  readonly command: readonly [string, ...string[]];
  readonly model: string | null;
  /** Names of environment variables. */
  readonly env: readonly string[];
  readonly repoSettings: boolean;
  /** Whose limits it has; null: as kind, command and env tell. */
  readonly login: string | null;
  /** How hard it thinks, in the agent's own word; null: as it is set. */
  readonly effort: string | null;
  /** What models cost, by their names. */
  readonly prices: Prices;
  /** Tool servers that it is given. */
  readonly mcp: ToolServers;
  /** How many of its workers run at the same time; null: as many as there are slots. */
  readonly slots: number | null;
  /** In place of the limits of all. */
  readonly limits: AgentLimits;
}

export function toAgent(agent: Checked['agent']): AgentSettings {
  const { written } = knownOf(agent);
  const [program = written.program ?? '', ...args] = agent.command ?? [];
  return {
    kind: agent.kind,
    command: [program, ...args],
    model: agent.model ?? null,
    env: agent.env ?? written.env,
    repoSettings: agent.repo_settings,
    login: agent.login ?? null,
    effort: agent.effort ?? null,
    mcp: Object.fromEntries(Object.entries(agent.mcp).map(([name, server]) => [name, toServer(server)])),
    slots: agent.slots ?? null,
    limits: toLimits(agent.limits ?? {}),
    prices: Object.fromEntries(Object.entries(agent.prices).map(([model, price]) => [model, toPrice(price)])),
  };
}

/** The file has a price of its own for the cache; here it is a share. */
function toPrice({ input, output, cached }: Checked['agent']['prices'][string]): Price {
  return { input, output, cached: cached === undefined || input === 0 ? 0.1 : cached / input };
}

function toServer(server: Checked['agent']['mcp'][string]): ToolServer {
  if ('url' in server) return { kind: 'web', url: server.url, tokenEnv: server.token_env ?? null };
  const [program = '', ...args] = server.command;
  return { kind: 'program', command: [program, ...args], env: server.env };
}

function toLimits({ run_time, turns, tokens, usd_per_task }: NonNullable<Checked['agent']['limits']>): AgentLimits {
  return {
    ...(run_time !== undefined && { runTime: run_time }),
    ...(turns !== undefined && { turns }),
    ...(tokens !== undefined && { tokens }),
    ...(usd_per_task !== undefined && { usdPerTask: usd_per_task }),
  };
}
