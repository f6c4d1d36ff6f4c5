import type { Login } from '../adapters/git/transport/access.ts';
import type { AppKey } from '../adapters/github/app/key.ts';
import type { AppTokens, AppTokensOptions } from '../adapters/github/app/tokens.ts';
import { createTokenSource } from '../adapters/github/login/token.ts';
import type { Log } from '../engine/ports/records/log.ts';
import type { Project } from '../place/project.ts';
import { forgeAddress, siteOf } from './forge-address.ts';
import { type Environment, SILENT } from './log.ts';

/** How it is asked: with a token, or as a GitHub App. */
export interface ForgeAccess {
  readonly apiUrl: string;
  readonly repo: { readonly owner: string; readonly name: string };
  readonly token: () => Promise<string>;
  readonly bots: readonly string[];
  /** Of an App: the account that it writes as, and what its kept answers are sealed with. */
  readonly login?: () => Promise<string>;
  readonly sealedWith?: () => Promise<string>;
  readonly refused?: (token: string) => void;
  readonly app?: Pick<AppTokens, 'granted' | 'login'>;
}

/** For one request of an App. */
const PATIENCE = 30_000;

/** Where the forge is and how it is asked; null: the configuration and the origin remote name no repository there. Asks nobody. */
export function forgeAccess(settings: Project['settings'], origin: string | null, env: Environment, log: Log): ForgeAccess | null {
  const address = forgeAddress(settings, origin);
  if (address === null) return null;
  const { owner, name, apiUrl, host } = address;
  const where = { apiUrl, repo: { owner, name }, bots: settings.github.bots };
  if (settings.github.app === null) return { ...where, token: createTokenSource({ env, variable: settings.github.tokenEnv, host, log }) };
  const key = keyOf(settings.github.app, apiUrl, env);
  const app = onDemand({ ...where, key, log, timeoutMs: PATIENCE, now: Date.now });
  return { ...where, app, token: app.token, login: app.login, refused: app.forget, sealedWith: async () => (await key()).pem };
}

/** Read once: who changes it restarts the daemon. One that could not be read is looked for again. */
export function keyOf(app: number, apiUrl: string, env: Environment): () => Promise<AppKey> {
  let kept: AppKey | null = null;
  return async () => {
    const { appFile, readAppKey } = await import('../adapters/github/app/key.ts');
    kept ??= await readAppKey(appFile(env, siteOf(apiUrl).host, app), app);
    return kept;
  };
}

/** What asks as an App is loaded when it is asked: most commands never do. */
function onDemand(options: AppTokensOptions): AppTokens {
  let made: Promise<AppTokens> | null = null;
  let loaded: AppTokens | null = null;
  const one = (): Promise<AppTokens> => {
    made ??= import('../adapters/github/app/tokens.ts').then(({ createAppTokens }) => {
      loaded = createAppTokens(options);
      return loaded;
    });
    return made;
  };
  return {
    token: async () => (await one()).token(),
    forget: (token) => loaded?.forget(token),
    login: async () => (await one()).login(),
    granted: async () => (await one()).granted(),
  };
}

/** For git, at the forge's own host alone. */
export const gitLogin = ({ apiUrl, token }: ForgeAccess): Login => ({
  host: siteOf(apiUrl).host,
  movedTo: async (address) => {
    const { movedTo } = await import('../adapters/github/login/moved.ts');
    const options = { apiUrl, token, log: SILENT, timeoutMs: PATIENCE, retryDelays: [300], now: Date.now };
    return movedTo(options, siteOf(apiUrl).host, address);
  },
  user: 'x-access-token',
  password: () => token().catch(() => null),
});
