import type { Api } from '../rest/api.ts';
import { GitHubError } from '../rest/problem.ts';
import { userShape } from '../rest/shapes.ts';

/**
 * Answers whose account the token speaks for, asked once per token. Null: GitHub does not say, as for an installation token of an
 * App (403) that somebody else made, or without any (401 to an anonymous request). `known`: of our own App.
 */
export function createIdentity(
  api: Api,
  token: () => Promise<string | null>,
  known?: () => Promise<string>,
): (signal: AbortSignal | null) => Promise<string | null> {
  if (known !== undefined) return known;
  let kept: { readonly token: string | null; readonly login: string | null } | null = null;
  return async (signal) => {
    const current = await token();
    if (kept && kept.token === current) return kept.login;
    const login = current === null ? null : await look(api, signal);
    kept = { token: current, login };
    return login;
  };
}

async function look(api: Api, signal: AbortSignal | null): Promise<string | null> {
  try {
    return (await api.read(api.endpoint('GET /user'), userShape, { signal, keep: true })).value.login;
  } catch (error) {
    if (error instanceof GitHubError && error.status === 403 && error.sort === 'terminal') return null;
    throw error;
  }
}
