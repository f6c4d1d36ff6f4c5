import type { IncomingMessage } from 'node:http';
import { API_VERSIONS, answerApi, type Caller, callerOf, graphqlBucket } from '../rest/api.ts';
import type { Answer } from '../state/answer.ts';
import type { Fake } from '../state/fake.ts';
import type { Fault } from '../state/faults.ts';
import { deliver, type Exchange, type HandlerOptions, held, jsonOrText, type Note } from './exchange.ts';
import { faultAnswer, halfPage, primaryLimit, send, toWire, unlessKnown, type Wire } from './respond.ts';

/** Serves one request of the REST API: the fault first, then the limit, then the work, written down before it is answered. */
export async function serveApi(options: HandlerOptions, one: Exchange, fault: Fault | null): Promise<Note> {
  const { fake, limits } = options;
  const caller = callerOf(fake, one.request.headers, options.rateLimit);
  const user = caller.user?.login ?? null;
  const write = one.method === 'GET' ? {} : { request: jsonOrText(one.body) };
  const respond = (wire: Wire): Wire => withHeaders(options, caller, wire, one.request);
  const instead = fault === null ? null : fault.kind === 'moved' ? movedAnswer(fake, one.url) : faultAnswer(fault, fake.now());
  if (instead !== null) {
    return {
      kind: 'api',
      user,
      applied: null,
      status: send(one.request, one.response, respond(toWire(instead, one.method)), null),
      ...write,
    };
  }
  if (await held(fault, one)) return { kind: 'api', user, applied: null, status: null, ...write };
  // Asking for the limit itself costs nothing, and works when nothing is left.
  const { pathname, searchParams } = one.url;
  const isGraphql = pathname === '/graphql';
  const free = pathname === '/rate_limit' || isGraphql;
  if (!free && limits.left(caller.bucket, caller.limit) === 0) {
    const status = await deliver(fault, one, respond(toWire(primaryLimit(), one.method)));
    return { kind: 'api', user, applied: null, status, summary: 'rate limit', ...write };
  }
  const tooFast = pathname === '/rate_limit' ? null : (options.secondary?.refuse(caller.bucket, one.method, pathname, one.body) ?? null);
  if (tooFast !== null) {
    const status = await deliver(fault, one, respond(toWire(tooFast, one.method)));
    return { kind: 'api', user, applied: null, status, summary: 'secondary limit', ...write };
  }
  const request = { method: one.method, path: pathname, query: searchParams, headers: one.request.headers, body: one.body };
  const points = (): number => limits.left(graphqlBucket(caller), caller.limit);
  const before = points();
  const whole = await answerApi(fake, caller, limits, request);
  fake.store.flush();
  const after = fault?.kind === 'status-after' ? faultAnswer({ ...fault, kind: 'status' }, fake.now()) : null;
  const answer = after ?? (fault?.kind === 'partial-page' ? halfPage(whole) : whole);
  const wire = unlessKnown(toWire(answer, one.method), one.request.headers['if-none-match']);
  // So does asking again for what one has.
  if (!free && wire.status !== 304) limits.spend(caller.bucket);
  const status = await deliver(fault, one, respond(wire));
  const summary = isGraphql ? `${before - points()} points` : summarise(answer.body);
  return { kind: 'api', user, applied: wire.status, status, summary, ...write };
}

/** Only what is said of the repository can move. */
function movedAnswer(fake: Fake, { pathname, search }: URL): Answer {
  const { id } = fake.store.state.repo;
  const location = `${fake.url()}${pathname.replace(/^\/repos\/[^/]+\/[^/]+/, `/repositories/${id}`)}${search}`;
  return { status: 301, headers: { location }, body: { message: 'Moved Permanently', url: location } };
}

let requests = 0;

function withHeaders({ fake, limits }: HandlerOptions, caller: Caller, wire: Wire, request: IncomingMessage): Wire {
  requests += 1;
  const version = request.headers['x-github-api-version'];
  const isGraphql = wire.headers['x-ratelimit-resource'] === 'graphql';
  const limit = limits.headers(isGraphql ? graphqlBucket(caller) : caller.bucket, caller.limit);
  const { 'x-ratelimit-remaining': remaining, 'x-ratelimit-reset': reset, ...headers } = wire.headers;
  return {
    ...wire,
    headers: {
      date: new Date(fake.now()).toUTCString(),
      server: 'github.com',
      'x-github-media-type': 'github.v3; format=json',
      'x-github-api-version-selected': API_VERSIONS.find((known) => known === version) ?? API_VERSIONS[0],
      'x-github-request-id': `FAKE:${requests.toString(16).toUpperCase().padStart(6, '0')}:${Math.floor(fake.now() / 1000)
        .toString(16)
        .toUpperCase()}`,
      'access-control-expose-headers':
        'ETag, Link, Location, Retry-After, X-GitHub-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset',
      ...limit,
      // The time of the reset comes with a limit that a fault set; else it is this hour's.
      ...(remaining === undefined ? {} : { 'x-ratelimit-remaining': remaining, 'x-ratelimit-used': limit['x-ratelimit-limit'] ?? '0' }),
      ...(reset === undefined ? {} : { 'x-ratelimit-reset': reset }),
      ...headers,
    },
  };
}

function summarise(body: unknown): string {
  if (Array.isArray(body)) return `${body.length} items`;
  if (typeof body !== 'object' || body === null) return '';
  if ('message' in body) return String(body.message);
  if ('number' in body && 'title' in body) return `#${String(body.number)} ${String(body.title)}`;
  return 'html_url' in body ? String(body.html_url) : '';
}
