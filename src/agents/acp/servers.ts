import type { ToolServers } from '../ground/mcp.ts';
import type { Fields } from '../words/events.ts';
import { object } from '../words/fields.ts';

/** Tool servers in the protocol's words, their secrets filled in; and what the agent cannot be told, as it says of itself what it can. */
export function serversFor(
  servers: ToolServers = {},
  can: Fields,
  env: Readonly<Record<string, string | undefined>>,
): { readonly servers: readonly object[]; readonly untold: readonly string[] } {
  const asksTheWeb = object(can.mcpCapabilities)?.http === true;
  const told: object[] = [];
  const untold: string[] = [];
  for (const [name, server] of Object.entries(servers)) {
    if (server.kind === 'program') {
      const [command, ...args] = server.command;
      told.push({ name, command, args, env: server.env.map((variable) => ({ name: variable, value: env[variable] ?? '' })) });
    } else if (asksTheWeb) {
      const token = server.tokenEnv === null ? null : (env[server.tokenEnv] ?? '');
      told.push({
        type: 'http',
        name,
        url: server.url,
        headers: token === null ? [] : [{ name: 'Authorization', value: `Bearer ${token}` }],
      });
    } else untold.push(`the tool server ${name} is not told to the agent: it takes none by their address`);
  }
  return { servers: told, untold };
}
