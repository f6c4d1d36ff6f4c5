/** A server of the Model Context Protocol that an agent is given. Secrets stand in the environment: here are their names. */
export type ToolServer =
  | { readonly kind: 'program'; readonly command: readonly [string, ...string[]]; readonly env: readonly string[] }
  | { readonly kind: 'web'; readonly url: string; readonly tokenEnv: string | null };

export type ToolServers = Readonly<Record<string, ToolServer>>;

/** Variables that their programs, or whoever asks them, must have. */
export const variablesOf = (servers: ToolServers): readonly string[] =>
  Object.values(servers).flatMap((server) => (server.kind === 'program' ? server.env : server.tokenEnv === null ? [] : [server.tokenEnv]));

/** Programs that run beside the agent. */
export const programsOf = (servers: ToolServers): readonly string[] =>
  Object.values(servers).flatMap((server) => (server.kind === 'program' ? server.command : []));

/** Where those stand that are asked over the network: a person has named their addresses. */
export const hostsOf = (servers: ToolServers): readonly string[] =>
  Object.values(servers).flatMap((server) => (server.kind === 'web' ? [new URL(server.url).host] : []));
