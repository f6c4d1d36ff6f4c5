import * as http from 'node:http';

type Environment = Readonly<Record<string, string | undefined>>;

/** Node has it from 24.14 on. */
const set = (http as { readonly setGlobalProxyFromEnv?: (env: Environment) => unknown }).setGlobalProxyFromEnv;

export const canUseProxies = set !== undefined;

/** The proxy of https that the environment names; null: none. */
export const proxyIn = (env: Environment): string | null => env.https_proxy || env.HTTPS_PROXY || null;

/** What is asked over https from now on goes through the proxy that the environment names; this machine itself is asked without. */
export function useProxies(env: Environment): void {
  const proxy = proxyIn(env);
  if (proxy === null) return;
  const not = [env.no_proxy || env.NO_PROXY, 'localhost', '127.0.0.1', '::1'].filter(Boolean).join(',');
  set?.({ https_proxy: proxy, no_proxy: not });
}
