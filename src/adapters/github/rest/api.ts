import { Octokit } from '@octokit/core';
import { z } from 'zod';
import { PortError } from '../../../engine/ports/error.ts';
import type { Spent } from '../../../engine/ports/records/facts.ts';
import type { Log } from '../../../engine/ports/records/log.ts';
import type { KeptAnswers, Raw } from '../kept/kept.ts';
import { pause as byTimer, type Pause } from '../write/turns.ts';
import { createEtagStore, isFullEnd, type Kept } from './etags.ts';
import { exchange } from './exchange.ts';
import { createLimitKeeper, type Limits } from './limits.ts';
import { elsewhere, nextPage, pageCalled, redirectTarget } from './links.ts';
import { asked, GitHubError, isLimit, problemOf } from './problem.ts';
import { createSpending } from './spending.ts';
import { TAIL, tailOf } from './tail.ts';
import type { Answer, Outgoing, Page } from './wire.ts';

/** The version of the REST API that the shapes here were written against; sent with every request. */
const API_VERSION = '2022-11-28';
const REDIRECTS = 5;

export interface ApiOptions {
  readonly apiUrl: string;
  readonly token: () => Promise<string | null>;
  /** What kept answers are sealed with; left out: the token. */
  readonly sealedWith?: () => Promise<string | null>;
  /** GitHub refuses this token. */
  readonly refused?: (token: string) => void;
  readonly log: Log;
  /** For one attempt, body included. */
  readonly timeoutMs: number;
  /** Pauses before the second, third, … attempt of a read, in ms. */
  readonly retryDelays: readonly number[];
  readonly now: () => number;
  /** How it waits; left out: by the machine's timers. */
  readonly pause?: Pause;
  /** Where answers are kept across restarts; left out: nowhere. */
  readonly kept?: KeptAnswers;
}

export interface ReadOptions {
  readonly signal: AbortSignal | null;
  /** Ask in full, never "is it still the same?": before a write a stale yes would mean doing it twice. */
  readonly fresh?: boolean;
  /** Asked for with every poll: kept for the next start. */
  readonly keep?: boolean;
}

export interface Api {
  /** Turns a route and its parameters into a request; checked by the compiler against GitHub's description. */
  readonly endpoint: Octokit['request']['endpoint'];
  /** One answer of the given shape; repeated a little when the network or the server fails. */
  read<S extends z.ZodType>(out: Outgoing, shape: S, options: ReadOptions): Promise<Page<z.output<S>>>;
  /** Sends exactly once, and takes only 201 for "made". After a `retryable` error nobody knows whether it was done. */
  create<S extends z.ZodType>(out: Outgoing, shape: S, signal: AbortSignal): Promise<z.output<S>>;
  /** The end of a long text that the server keeps elsewhere; the token stays with the server. */
  tail(out: Outgoing, signal: AbortSignal): Promise<string>;
  /** Sends exactly once, and takes any good answer of the shape. */
  change<S extends z.ZodType>(out: Outgoing, shape: S, signal: AbortSignal): Promise<z.output<S>>;
  /** One change that has no path in the REST API, sent exactly once. Refused in words: terminal, as a 422 is. */
  mutate<S extends z.ZodType>(query: string, input: Readonly<Record<string, unknown>>, shape: S, signal: AbortSignal): Promise<z.output<S>>;
  /** One question to the GraphQL API, which takes a point of an allowance of its own. */
  query<S extends z.ZodType>(
    query: string,
    variables: Readonly<Record<string, unknown>>,
    shape: S,
    signal: AbortSignal,
  ): Promise<z.output<S>>;
  /** The same, where a part of the answer may be refused: what was refused is told beside it. */
  ask(query: string, variables: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<Told>;
  /** Sends once and answers what came, redirects and refusals too; throws where nothing came, and while a limit holds. */
  pass(out: Outgoing, signal: AbortSignal): Promise<Answer>;
  readonly graphqlUrl: string;
  limits(): Limits | null;
  spent(): readonly Spent[];
  /** Calls back when an answer came from another address than the one asked: the repository has moved. */
  onMoved(listener: () => void): void;
}

export interface Told {
  readonly data: unknown;
  readonly errors: readonly { readonly type?: string | undefined; readonly message: string; readonly path: readonly string[] }[];
}

/** The request layer: token, version, time limit, redirects, limits, ETags and shapes in one place, so that the rest only names routes. */
export function createApi(options: ApiOptions): Api {
  const octokit = new Octokit({ baseUrl: options.apiUrl.replace(/(?<!\/)\/+$/, ''), userAgent: 'tac8' });
  const limits = createLimitKeeper(options.now);
  const graphqlUrl = `${octokit.request
    .endpoint('GET /')
    .url.replace(/\/$/, '')
    .replace(/\/api\/v3$/, '/api')}/graphql`;
  const spending = createSpending(options.now);
  const etags = createEtagStore();
  let moved: () => void = () => undefined;

  /** One attempt, redirects followed. Throws for everything that is neither 2xx nor 304. */
  async function attempt(
    out: Outgoing,
    signal: AbortSignal | null,
    how: 'followed' | 'leaving' | 'as it is' = 'followed',
  ): Promise<Answer> {
    const token = await options.token();
    let { url } = out;
    for (let hop = 0; hop <= REDIRECTS; hop += 1) {
      const held = limits.wait(token);
      if (held) throw limited(out, held, spending.read());
      const headers = {
        ...out.headers,
        'x-github-api-version': API_VERSION,
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      };
      const answer = await exchange({ ...out, url, headers }, { octokit, log: options.log, timeoutMs: options.timeoutMs, signal });
      limits.note(token, answer);
      if (answer.status === 401 && token !== null) options.refused?.(token);
      spending.note(out, answer, limits.read()?.resetAt ?? null);
      if (isLimit(answer)) throw limited(out, limits.refuse(token, answer), spending.read(), answer.status);
      if (how === 'as it is') return answer;
      if (how === 'leaving' && elsewhere(answer, url, options.apiUrl) !== null) return answer;
      const target = redirectTarget(answer, url, options.apiUrl);
      if (target === null && answer.status !== 304 && (answer.status < 200 || answer.status > 299))
        throw problemOf(out.method, url, answer);
      if (target === null) return answer;
      // The method is kept: fetch itself would turn a POST that meets a 301 into a GET, whose 200 looks like success.
      options.log.debug('GitHub redirects', { from: url, to: target });
      moved();
      url = target;
    }
    throw new GitHubError('terminal', null, `${asked(out.method, out.url)}: more than ${REDIRECTS} redirects`, {
      hint: 'The server redirects in a circle: check github.api_url.',
    });
  }

  async function readOnce<S extends z.ZodType>(out: Outgoing, shape: S, read: ReadOptions): Promise<Page<z.output<S>>> {
    const key = `${out.url} ${String(out.headers.accept)}`;
    const stored = read.keep === true ? (options.kept ?? null) : null;
    const seal = stored === null ? null : await (options.sealedWith ?? options.token)();
    const kept = read.fresh ? undefined : (etags.get(key) ?? restored(out, stored?.read(key, seal) ?? null, shape));
    const answer = await attempt(kept ? { ...out, headers: { ...out.headers, 'if-none-match': kept.etag } } : out, read.signal);
    if (answer.status === 304) {
      if (kept) etags.set(key, kept);
      if (kept) return kept.page as Page<z.output<S>>;
      throw new GitHubError('retryable', 304, `${asked(out.method, out.url)}: GitHub answered "not modified" to a request for everything`);
    }
    const [before, last] = [pageCalled('prev', answer, options.apiUrl), pageCalled('last', answer, options.apiUrl)];
    const around = { ...(before === null ? {} : { before }), ...(last === null ? {} : { last }) };
    const page = { value: shaped(out, answer, shape), next: nextPage(answer, options.apiUrl), ...around };
    const { etag } = answer.headers;
    const isKept = etag !== undefined && etag !== '' && !isFullEnd(out.url, answer.data, page.next);
    if (isKept) etags.set(key, { etag, page });
    else etags.drop(key);
    if (isKept) stored?.write(key, seal, { etag, data: answer.data, next: page.next });
    return page;
  }

  async function post(query: string, variables: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<[Outgoing, Answer]> {
    const out = { method: 'POST', url: graphqlUrl, headers: { accept: 'application/json' }, body: { query, variables } };
    return [out, await attempt(out, signal)];
  }

  async function graphql<S extends z.ZodType>(
    query: string,
    variables: Readonly<Record<string, unknown>>,
    shape: S,
    signal: AbortSignal,
  ): Promise<z.output<S>> {
    const [out, answer] = await post(query, variables, signal);
    const refused = refusedShape.safeParse(answer.data);
    if (refused.success) throw refusedChange(out, refused.data.errors);
    return shaped(out, answer, shape);
  }

  return {
    endpoint: octokit.request.endpoint,
    graphqlUrl,
    pass: (out, signal) => attempt(out, signal, 'as it is'),
    limits: limits.read,
    spent: spending.read,
    onMoved(listener) {
      moved = listener;
    },
    async read(out, shape, read) {
      for (let tries = 0; ; tries += 1) {
        try {
          return await readOnce(out, shape, read);
        } catch (error) {
          const delay = options.retryDelays[tries];
          const again = error instanceof PortError && error.sort === 'retryable' && delay !== undefined && !read.signal?.aborted;
          if (!again) throw error;
          options.log.debug('GitHub is asked again', { error: error.message, delay });
          await (options.pause ?? byTimer)(delay, read.signal);
        }
      }
    },
    async tail(out, signal) {
      const answer = await attempt(out, signal, 'leaving');
      const away = elsewhere(answer, out.url, options.apiUrl);
      if (away !== null) return tailOf(away, { timeoutMs: options.timeoutMs, signal });
      return typeof answer.data === 'string' ? answer.data.slice(-TAIL) : '';
    },
    change: async (out, shape, signal) => shaped(out, await attempt(out, signal), shape),
    mutate: (query, input, shape, signal) => graphql(query, { input }, shape, signal),
    query: (query, variables, shape, signal) => graphql(query, variables, shape, signal),
    async ask(query, variables, signal) {
      const [out, answer] = await post(query, variables, signal);
      const { data, errors } = shaped(out, answer, toldShape);
      return { data, errors: errors ?? [] };
    },
    async create(out, shape, signal) {
      const answer = await attempt(out, signal);
      if (answer.status !== 201) {
        const message = `${asked(out.method, out.url)}: GitHub answered ${answer.status} where 201 says that it was made`;
        throw new GitHubError('retryable', answer.status, message, { hint: 'tac8 looks whether it exists before it repeats the request.' });
      }
      return shaped(out, answer, shape);
    },
  };
}

/** What was kept by an earlier start, and perhaps an earlier version, is taken if it is what is wanted now. */
function restored(out: Outgoing, raw: Raw | null, shape: z.ZodType): Kept | undefined {
  const read = raw === null || isFullEnd(out.url, raw.data, raw.next) ? null : shape.safeParse(raw.data);
  return raw !== null && read?.success === true ? { etag: raw.etag, page: { value: read.data, next: raw.next } } : undefined;
}

/** Octokit hands out a body that was cut short as a string or as nothing, with status 200: only the shape tells. */
function shaped<S extends z.ZodType>(out: Outgoing, answer: Answer, shape: S): z.output<S> {
  const read = shape.safeParse(answer.data);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  const where = issue?.path.join('.') || 'the answer';
  const message = `${asked(out.method, out.url)}: the answer is cut short or not what GitHub documents (${where}: ${issue?.message ?? 'unreadable'})`;
  throw new GitHubError('retryable', answer.status, message, {
    hint: 'tac8 asks again. If this goes on, look at github.api_url and any proxy.',
  });
}

/** A path goes by names, and by places in lists. */
const toldShape = z.object({
  data: z.unknown().optional(),
  errors: z
    .array(
      z.object({
        type: z.string().optional(),
        message: z.string(),
        path: z
          .array(z.union([z.string(), z.number()]))
          .nullish()
          .transform((path) => (path ?? []).map(String)),
      }),
    )
    .optional(),
});

const refusedShape = z.object({ errors: z.array(z.object({ type: z.string().optional(), message: z.string() })).min(1) });

/** A GraphQL answer says with 200 that it refuses. Its limit is another than that of all else, so that nothing else is held back. */
function refusedChange(out: Outgoing, errors: readonly { readonly type?: string | undefined; readonly message: string }[]): GitHubError {
  const isLimit = errors.some(({ type }) => type === 'RATE_LIMITED');
  const message = `${asked(out.method, out.url)}: GitHub refuses: ${errors.map(({ message: words }) => words).join('; ')}`;
  return new GitHubError(isLimit ? 'retryable' : 'terminal', isLimit ? 429 : 422, message.slice(0, 400));
}

function limited(
  out: Outgoing,
  hold: { until: number; because: string },
  spent: readonly Spent[],
  status: number | null = null,
): GitHubError {
  const message = `${asked(out.method, out.url)}: GitHub takes no requests until ${new Date(hold.until).toISOString()} (${hold.because}${spentWords(spent)})`;
  return new GitHubError('limited', status, message, {
    until: hold.until,
    hint: 'Work goes on by itself then. A longer poll_interval or a token of tac8’s own leaves more requests.',
  });
}

/** What the hour's requests went to, for whoever asks why nothing is left of them. */
function spentWords(spent: readonly Spent[]): string {
  const words = spent.filter(({ requests }) => requests > 0).map(({ by, requests }) => `${requests} ${by}`);
  return words.length === 0 ? '' : `; this process asked for ${words.slice(0, 4).join(', ')}`;
}
