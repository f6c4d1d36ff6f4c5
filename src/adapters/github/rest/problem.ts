import { type ErrorSort, PortError } from '../../../engine/ports/error.ts';
import type { Answer } from './wire.ts';

/** A PortError that still knows the HTTP status; null when no answer came. */
export class GitHubError extends PortError {
  readonly status: number | null;
  constructor(sort: ErrorSort, status: number | null, message: string, options: { hint?: string; until?: number; cause?: unknown } = {}) {
    super(sort, message, options);
    this.name = 'GitHubError';
    this.status = status;
  }
}

/** What was asked, for messages: `GET /repos/acme/widgets/issues`, without the query. */
export function asked(method: string, url: string): string {
  return URL.canParse(url) ? `${method} ${new URL(url).pathname}` : `${method} ${url}`;
}

const LIMIT_WORDS = /rate limit|abuse detection/i;

/** Whether an answer says "not now": 429, or a 403 that bears the signs of a limit rather than of a missing right. */
export function isLimit(answer: Answer): boolean {
  if (answer.status === 429) return true;
  if (answer.status !== 403) return false;
  return (
    answer.headers['retry-after'] !== undefined || answer.headers['x-ratelimit-remaining'] === '0' || LIMIT_WORDS.test(wordsOf(answer.data))
  );
}

/** GitHub's own words about a failure, on one line: its message and what it lists under `errors`; of an HTML page only the beginning. */
export function wordsOf(data: unknown): string {
  if (typeof data === 'string') return oneLine(data.replace(/<[^<>]*>/g, ' '));
  if (typeof data !== 'object' || data === null || !('message' in data)) return '';
  const errors = 'errors' in data && Array.isArray(data.errors) ? data.errors.map(errorWords).filter((words) => words !== '') : [];
  return oneLine([String(data.message), ...errors].join(': '));
}

function errorWords(error: unknown): string {
  if (typeof error === 'string') return error;
  if (typeof error !== 'object' || error === null) return '';
  if ('message' in error && typeof error.message === 'string') return error.message;
  const part = (name: string): string => (name in error ? String(Reflect.get(error, name)) : '');
  return `${part('field')} ${part('code')}`.trim();
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 300);

/** Sorts an answer of 300 and above that is no limit, with a hint that names what a person can do. */
export function problemOf(method: string, url: string, answer: Answer): GitHubError {
  const { status } = answer;
  const words = wordsOf(answer.data);
  const message = `${asked(method, url)}: GitHub answered ${status}${words === '' ? '' : ` ${words}`}`;
  const verdict = (sort: ErrorSort, hint: string): GitHubError => new GitHubError(sort, status, message, { hint });
  if (status >= 500 || status === 408 || status === 409) return verdict('retryable', 'GitHub has trouble of its own: tac8 asks again.');
  switch (status) {
    case 400:
      return verdict('terminal', 'The server does not accept this request: is github.api_url right, and is the server recent enough?');
    case 401:
      return verdict('terminal', 'The token is refused, expired or revoked: set a new one, or log in again with `gh auth login`.');
    case 403:
      return verdict('terminal', forbiddenHint(answer.headers, words));
    case 404:
      if (typeof answer.data === 'string' && /<html/i.test(answer.data))
        return verdict('terminal', 'A page answers there, and no API: github.api_url is https://HOST/api/v3 for an Enterprise Server.');
      return verdict('terminal', 'It does not exist, or the token may not see it: check `repo` in tac8.yaml and what the token may reach.');
    case 410:
      return verdict('terminal', 'It was deleted, or issues are switched off for this repository.');
    case 422:
      return verdict('terminal', 'GitHub understood the request and refuses it; its message says why.');
    case 451:
      return verdict('terminal', 'The repository is blocked for legal reasons.');
    default:
      return verdict(
        status < 400 ? 'terminal' : 'unknown',
        'tac8 does not know this answer: is github.api_url right, is there a proxy in between?',
      );
  }
}

function forbiddenHint(headers: Answer['headers'], words: string): string {
  if (/archived/i.test(words)) return 'The repository is archived: nothing can be written there until somebody unarchives it.';
  if (/\blocked\b/i.test(words)) return 'Its conversation is locked for this account: unlock it, or give the account write access.';
  const needed = headers['x-accepted-github-permissions'];
  const sso = /url=(\S+)/.exec(headers['x-github-sso'] ?? '')?.[1];
  if (sso) return `The organisation asks for single sign-on: authorise the token at ${sso}`;
  if (needed) return `The token lacks a right; one of these is needed: ${needed}.`;
  return 'The token lacks a right: it must read the repository and write issues and pulls.';
}
