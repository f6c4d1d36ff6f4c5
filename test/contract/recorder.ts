import type { FakeGitHub } from '../../src/forge-fake/server.ts';
import { type Contract, createContract, type Exchange, loadDescription } from '../support/forge/openapi.ts';
import { missingFields } from './relied-on.ts';

export interface Ask {
  readonly as?: string | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** A problem that has to be there: GitHub itself is known to answer so, against its own description. */
  readonly beyond?: RegExp;
}

export interface Seen extends Exchange {
  readonly operation: string | null;
}

/** Asks the fake over HTTP and holds every answer against GitHub's description and against the fields that tac8 relies on. */
export interface Recorder {
  /** Fails when the status is another, or the answer does not fit. Answers the parsed body and the headers. */
  expect(status: number, method: string, path: string, ask?: Ask): Promise<Seen>;
  readonly seen: readonly Seen[];
}

export const contractOf = (apiVersion?: string): Contract => createContract(loadDescription(), apiVersion);

/** `as`: a login, null for nobody; default `ana`. */
export function createRecorder(fake: FakeGitHub, contract: Contract): Recorder {
  const seen: Seen[] = [];
  return {
    seen,
    async expect(status, method, path, ask = {}) {
      const exchange = await exchangeWith(fake, method, path, ask);
      const { operation, problems: all } = contract.judge(exchange);
      const problems = all.filter((problem) => ask.beyond?.test(problem) !== true);
      if (ask.beyond !== undefined && problems.length === all.length)
        problems.push(`nothing that fits ${ask.beyond}: leave the exception out`);
      const missing = missingFields(operation, exchange);
      if (exchange.status !== status || problems.length > 0 || missing.length > 0) {
        const found = JSON.stringify({ problems, missing, body: exchange.body }, null, 1).slice(0, 4000);
        throw new Error(`${method} ${path} (${operation}): wanted ${status}, got ${exchange.status}\n${found}`);
      }
      const one = { ...exchange, operation };
      seen.push(one);
      return one;
    },
  };
}

async function exchangeWith(fake: FakeGitHub, method: string, path: string, ask: Ask): Promise<Exchange> {
  const url = new URL(path, fake.url);
  const login = ask.as === undefined ? 'ana' : ask.as;
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      accept: 'application/vnd.github+json',
      ...(login === null ? {} : { authorization: `Bearer ${fake.token(login)}` }),
      ...ask.headers,
    },
    ...(ask.body === undefined ? {} : { body: typeof ask.body === 'string' ? ask.body : JSON.stringify(ask.body) }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  const json = response.headers.get('content-type')?.startsWith('application/json') === true;
  return {
    method,
    path: decodeURI(url.pathname),
    query: url.searchParams,
    ...(ask.body === undefined ? {} : { requestBody: ask.body }),
    status: response.status,
    headers: Object.fromEntries(response.headers),
    ...(text === '' ? {} : { body: json ? JSON.parse(text) : text }),
  };
}
