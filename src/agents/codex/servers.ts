import type { ToolServers } from '../ground/mcp.ts';

/** Arguments that tell Codex of the tool servers; it fills in variables by itself. */
export function serverArgs(servers: ToolServers = {}): readonly string[] {
  return Object.entries(servers).flatMap(([name, server]) => {
    const set = (key: string, value: unknown): readonly string[] => ['-c', `mcp_servers.${name}.${key}=${JSON.stringify(value)}`];
    if (server.kind === 'web')
      return [...set('url', server.url), ...(server.tokenEnv === null ? [] : set('bearer_token_env_var', server.tokenEnv))];
    const [command, ...args] = server.command;
    return [...set('command', command), ...set('args', args), ...set('env_vars', server.env)];
  });
}
