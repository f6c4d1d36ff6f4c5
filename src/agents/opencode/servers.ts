import type { ToolServer, ToolServers } from '../ground/mcp.ts';
import { object, parseObject } from '../words/fields.ts';

/** The variable that tells OpenCode of the tool servers, beside what `content` already says there; it fills in variables by itself. */
export function serversIn(servers: ToolServers = {}, content = '{}'): Readonly<Record<string, string>> {
  if (Object.keys(servers).length === 0) return {};
  const told = parseObject(content) ?? {};
  const mcp = { ...object(told.mcp), ...Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, entryOf(server)])) };
  return { OPENCODE_CONFIG_CONTENT: JSON.stringify({ ...told, mcp }) };
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
