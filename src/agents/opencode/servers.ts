import type { ToolServer, ToolServers } from '../ground/mcp.ts';
import { object, parseObject } from '../words/fields.ts';
import { providersIn } from './services.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The variable that tells OpenCode of the tool servers, and in a box of its providers, beside what it already says there; it fills in variables by itself. */
export function serversIn(servers: ToolServers = {}, env: Environment = {}): Readonly<Record<string, string>> {
  const providers = providersIn(env);
  if (Object.keys({ ...servers, ...providers }).length === 0) return {};
  const told = parseObject(env.OPENCODE_CONFIG_CONTENT ?? '{}') ?? {};
  const mcp = { ...object(told.mcp), ...Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, entryOf(server)])) };
  const own = object(told.provider) ?? {};
  const provider = Object.fromEntries(
    Object.entries(providers).map(([id, { options }]) => {
      const its = object(own[id]) ?? {};
      return [id, { ...its, options: { ...object(its.options), ...options } }];
    }),
  );
  return { OPENCODE_CONFIG_CONTENT: JSON.stringify({ ...told, mcp, provider: { ...own, ...provider } }) };
}

const filled = (name: string): string => `{env:${name}}`;

function entryOf(server: ToolServer): object {
  if (server.kind === 'program')
    return {
      type: 'local',
      command: server.command,
      environment: Object.fromEntries(server.env.map((name) => [name, filled(name)])),
      enabled: true,
    };
  const headers = server.tokenEnv === null ? {} : { headers: { Authorization: `Bearer ${filled(server.tokenEnv)}` }, oauth: false };
  return { type: 'remote', url: server.url, ...headers, enabled: true };
}
