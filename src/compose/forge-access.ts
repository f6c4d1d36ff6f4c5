import type { Login } from '../adapters/git/transport/access.ts';
import { createTokenSource } from '../adapters/github/login/token.ts';
import type { Log } from '../engine/ports/records/log.ts';
import type { Project } from '../place/project.ts';
import { forgeAddress, siteOf } from './forge-address.ts';
import type { Environment } from './log.ts';

/** Where the forge is and how it is asked; null: the configuration and the origin remote name no repository there. Asks nobody. */
export function forgeAccess(settings: Project['settings'], origin: string | null, env: Environment, log: Log) {
  const address = forgeAddress(settings, origin);
  if (address === null) return null;
  const { owner, name, apiUrl, host } = address;
  const token = createTokenSource({ env, variable: settings.github.tokenEnv, host, log });
  return { apiUrl, repo: { owner, name }, token };
}

export type ForgeAccess = NonNullable<ReturnType<typeof forgeAccess>>;

/** For git, at the forge's own host alone. */
export const gitLogin = ({ apiUrl, token }: ForgeAccess): Login => ({
  host: siteOf(apiUrl).host,
  user: 'x-access-token',
  password: () => token().catch(() => null),
});
