import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerAppPage } from '../apps/app-pages.ts';
import { type Answer, Refused } from '../state/answer.ts';
import type { Fake } from '../state/fake.ts';
import type { Fault } from '../state/faults.ts';
import { deliver, type Exchange, type HandlerOptions, held, jsonOrText, type Note } from './exchange.ts';
import { answerGit, type GitTarget, gitTarget } from './git-http.ts';
import { answerLfs, lfsTarget } from './lfs.ts';
import { findPage } from './pages.ts';
import { faultAnswer, send, toWire } from './respond.ts';
import { answerControl } from './routes-control.ts';
import { serveApi } from './serve-api.ts';

const BODY_LIMIT = 256 << 20;

/** The listener of the server, and a wait for everything that is under way. */
export function createHandler(options: HandlerOptions): {
  handle: (request: IncomingMessage, response: ServerResponse) => void;
  settled(): Promise<void>;
} {
  const pending = new Set<Promise<void>>();
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const work = readBody(request)
      .then((body) =>
        exchange(options, { request, response, body, method: request.method ?? 'GET', url: new URL(request.url ?? '/', 'http://fake') }),
      )
      .catch((error: unknown) => fail(options, request, response, error))
      .finally(() => pending.delete(work));
    pending.add(work);
  };
  return { handle, settled: async () => void (await Promise.allSettled([...pending])) };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw new Error(`a body of more than ${BODY_LIMIT} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A mistake in the fake must not look like a fault that was asked for: it says so, to the caller and in the journal. */
function fail({ fake }: HandlerOptions, request: IncomingMessage, response: ServerResponse, error: unknown): void {
  // The caller hung up while it was still sending.
  if (request.socket.destroyed) return;
  const summary = `the fake itself failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  const { method = '', url = '' } = request;
  fake.journal.add({ at: isoNow(fake), kind: 'api', method, path: url, user: null, status: 500, applied: null, fault: null, summary });
  if (response.headersSent) request.socket.destroy();
  else response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end(`${summary}\n`);
}

const isoNow = (fake: Fake): string => new Date(fake.now()).toISOString();

/** An Enterprise Server has its API below this, beside the pages and git; github.com has a host for each. */
const BELOW = '/api/v3';

async function exchange(options: HandlerOptions, one: Exchange): Promise<void> {
  const { fake } = options;
  if (one.url.pathname.startsWith(`${BELOW}/`)) one.url.pathname = one.url.pathname.slice(BELOW.length);
  if (one.url.pathname === '/api/graphql') one.url.pathname = '/graphql';
  const path = one.url.pathname + one.url.search;
  if (path.startsWith('/__fake/')) return control(options, one);
  const fault = fake.faults.take(one.method, path);
  const at = isoNow(fake);
  const git = gitTarget(one.url.pathname, one.url.searchParams);
  const note = git === null ? await serveHttp(options, one, fault) : await serveGit(options, one, git, fault);
  fake.journal.add({ at, method: one.method, path, fault: fault?.kind ?? null, ...note });
}

async function control({ fake, actions }: HandlerOptions, one: Exchange): Promise<void> {
  const { pathname, search, searchParams } = one.url;
  // Where logs are kept nobody knows GitHub's tokens, and who is shown one refuses.
  const isLeak = pathname.startsWith('/__fake/logs/') && one.request.headers.authorization !== undefined;
  // A web page that somebody has open must not steer the forge.
  const answer: Answer =
    one.request.headers.origin === undefined && !isLeak
      ? await answerControl(fake, actions, one.method, pathname.slice('/__fake'.length), searchParams, one.body)
      : { status: 403, body: { message: 'not for web pages' } };
  fake.store.flush();
  const status = send(one.request, one.response, toWire(answer, one.method), null);
  if (one.method === 'GET') return;
  const note = {
    kind: 'control',
    user: null,
    status,
    applied: answer.status,
    fault: null,
    request: withoutToken(jsonOrText(one.body)),
  } as const;
  fake.journal.add({ at: isoNow(fake), method: one.method, path: pathname + search, ...note });
}

async function serveGit({ fake }: HandlerOptions, one: Exchange, target: GitTarget, fault: Fault | null): Promise<Note> {
  const moved = fault?.kind === 'moved' ? { status: 301, headers: { location: one.url.pathname + one.url.search } } : null;
  const instead = moved ?? (fault === null ? null : faultAnswer(fault, fake.now()));
  if (instead !== null) {
    return { kind: 'git', user: null, applied: null, status: send(one.request, one.response, toWire(instead, 'POST'), null) };
  }
  if (await held(fault, one)) return { kind: 'git', user: null, applied: null, status: null };
  const { wire, user, pushes } = await answerGit(fake, target, one.request, one.body, one.url.search.slice(1));
  fake.store.flush();
  const status = await deliver(fault, one, wire);
  return { kind: 'git', user: user?.login ?? null, applied: wire.status, status, ...(pushes === undefined ? {} : { pushes }) };
}

async function serveHttp(options: HandlerOptions, one: Exchange, fault: Fault | null): Promise<Note> {
  const lfs = fault === null ? lfsTarget(one.url.pathname) : null;
  if (lfs !== null) {
    const wire = answerLfs(options.fake, lfs, one);
    return { kind: 'git', user: null, applied: wire.status, status: send(one.request, one.response, wire, null) };
  }
  const app = fault === null ? appPageOf(options.fake, one) : null;
  if (app !== null) {
    options.fake.store.flush();
    const status = send(one.request, one.response, toWire(app, one.method), null);
    return { kind: 'page', user: null, applied: app.status, status };
  }
  if (one.method === 'GET' && fault === null) {
    const page = await pageOf(options.fake, one);
    if (page !== null) {
      const status = send(one.request, one.response, toWire(page, 'GET'), null);
      return { kind: 'page', user: null, applied: page.status, status };
    }
  }
  return serveApi(options, one, fault);
}

function appPageOf(fake: Fake, one: Exchange): Answer | null {
  try {
    return answerAppPage(fake, one.method, one.url, one.body);
  } catch (error) {
    if (error instanceof Refused) return error.answer;
    throw error;
  }
}

/** The root is the API's for programs and the list of pulls for people. */
async function pageOf(fake: Fake, one: Exchange): Promise<Answer | null> {
  if (one.url.pathname === '/' && one.request.headers.accept?.includes('text/html') !== true) return null;
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  };
  try {
    const body = await findPage(fake, decodeURI(one.url.pathname));
    return body === null ? null : { status: 200, body, headers };
  } catch (error) {
    if (error instanceof Refused) return { status: 404, body: 'Nothing here.\n', headers: { ...headers, 'content-type': 'text/plain' } };
    throw error;
  }
}

/** The journal is read, shown and kept: no login stands in it. */
const withoutToken = (body: unknown): unknown =>
  typeof body === 'object' && body !== null && 'token' in body ? { ...body, token: '***' } : body;
