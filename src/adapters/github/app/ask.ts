import { sign } from 'node:crypto';
import { Octokit } from '@octokit/core';
import type { Log } from '../../../engine/ports/records/log.ts';
import { exchange } from '../rest/exchange.ts';
import { redirectTarget } from '../rest/links.ts';
import { GitHubError, isLimit, problemOf } from '../rest/problem.ts';
import type { Answer } from '../rest/wire.ts';
import type { AppKey } from './key.ts';

export interface AskOptions {
  readonly apiUrl: string;
  readonly log: Log;
  /** For one request, in ms. */
  readonly timeoutMs: number;
  readonly now: () => number;
}

const MINUTE = 60_000;
/** GitHub takes none that is good for longer than ten minutes. */
const PROOF_LIVES = 9 * MINUTE;

/** What an App proves with that it is itself. A clock that is a little fast must not make it one of the future. */
export function proofOf({ id, pem }: Pick<AppKey, 'id' | 'pem'>, at: number): string {
  const seconds = (ms: number): number => Math.floor(ms / 1000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iat: seconds(at - MINUTE), exp: seconds(at + PROOF_LIVES - MINUTE), iss: String(id) };
  const head = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`;
  return `${head}.${sign('RSA-SHA256', Buffer.from(head), pem).toString('base64url')}`;
}

export interface Told {
  readonly answer: Answer;
  /** The address that answered: another one, where the repository was renamed. */
  readonly url: string;
}

/**
 * Asks as the App, which has no token of a person: with a proof of its own, or with none. Where GitHub's clock differs from this machine's the proof is
 * refused; it is made once more by GitHub's clock.
 */
export function askAs({ apiUrl, log, timeoutMs, now }: AskOptions) {
  const octokit = new Octokit({ baseUrl: apiUrl.replace(/(?<!\/)\/+$/, ''), userAgent: 'tac8' });
  let ahead = 0;

  async function send(method: 'GET' | 'POST', url: string, body: object | null, key: AppKey | null): Promise<Answer> {
    const login = key === null ? {} : { authorization: `Bearer ${proofOf(key, now() + ahead)}` };
    const headers = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28', ...login };
    return exchange({ method, url, headers, ...(body === null ? {} : { body }) }, { octokit, log, timeoutMs, signal: null });
  }

  return async (method: 'GET' | 'POST', path: string, body: object | null, key: AppKey | null): Promise<Told> => {
    let url = octokit.request.endpoint(`GET ${path}`).url;
    for (let tries = 0; tries < 3; tries += 1) {
      const answer = await send(method, url, body, key);
      const theirs = Date.parse(answer.headers.date ?? '');
      if (answer.status === 401 && tries === 0 && Math.abs(theirs - now() - ahead) > 30_000) {
        ahead = theirs - now();
        continue;
      }
      const target = redirectTarget(answer, url, apiUrl);
      if (target !== null) {
        url = target;
        continue;
      }
      if (isLimit(answer)) throw new GitHubError('retryable', answer.status, 'GitHub accepts no more requests of this App for now');
      if (answer.status < 200 || answer.status > 299) throw problemOf(method, url, answer);
      return { answer, url };
    }
    throw new GitHubError('terminal', null, `${method} ${path}: GitHub redirects in a circle`);
  };
}
