import { once } from 'node:events';
import type { Server } from 'node:http';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { isSameSecret } from '../files/same-secret.ts';
import type { Outlines } from '../transcript/outline/outlines.ts';
import { API, createApi } from './api.ts';
import { boundConnections } from './guard/connections.ts';
import { type Doors, isLoopbackHost, refusal } from './guard/doors.ts';
import { headersFor } from './guard/headers.ts';
import type { Keys } from './guard/keys.ts';
import { createUsers } from './guard/users.ts';
import { createPreviews, type Previews } from './preview/previews.ts';
import { envelope } from './routes/answer.ts';
import type { Desk } from './routes/desk.ts';
import { readState } from './routes/fleet.ts';
import type { PageFile } from './site/page.ts';
import { addPageRoutes } from './site/serve-page.ts';
import { WEBHOOKS, type Webhooks } from './webhooks/receive.ts';

export interface HttpOptions extends Doors {
  /** 0: any. */
  readonly port: number;
  /** What /metrics and /healthz ask of those who come from another machine; null: none is set, and none of them is let in. */
  readonly token: string | null;
  /** Prometheus text. */
  readonly metrics: () => Promise<string>;
  readonly health: () => Health;
  /** The API and the page; null: there is neither. */
  readonly api: ApiParts | null;
  /** Takes what GitHub sends; left out: nobody is to send anything. */
  readonly webhooks?: Pick<Webhooks, 'receive'> | null;
  /** Told of a failure to answer. */
  readonly onError: (error: unknown) => void;
}

export interface ApiParts {
  readonly desk: Desk;
  /** Who is let in, once the port is known. */
  readonly keys: (port: number) => Keys;
  /** Logs in short. */
  readonly outlines: Outlines;
  /** Null: the page is not built. */
  readonly page: ReadonlyMap<string, PageFile> | null;
}

export interface Health {
  readonly ok: boolean;
  readonly text: string;
}

export interface HttpServer {
  readonly port: number;
  /** `http://127.0.0.1:4780` */
  readonly url: string;
  /** A link that lets one browser in, once; null: there is no page. */
  newLink(): string | null;
  /** How many are open. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

/** How many ports are tried, from the wanted one on. */
const PORTS_TRIED = 20;
/** More than all bounds of what may be answered at once (streams, followed transcripts, reads, changes, deliveries): there is always room for one more. */
const MOST_CONNECTIONS = 768;
const PATIENCE = 10_000;
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Listens on the wanted port or the next free one. Throws the system's error where none of them can be had. */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  let app: ReturnType<typeof routes> | null = null;
  // Which port it is, its own routes need to know.
  const server = createAdaptorServer({
    fetch: (request, env) => app?.fetch(request, env as HttpBindings) ?? new Response(null, { status: 503 }),
    serverOptions: LIMITS,
  }) as Server;
  boundConnections(server, MOST_CONNECTIONS);
  const port = await listen(server, options);
  // What comes after it listens (no more files to open, say) is one connection's trouble.
  server.on('error', options.onError);
  const { host, api } = options;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const keys = api?.keys(port) ?? null;
  const previews = api === null ? null : createPreviews(api.desk.inside);
  app = routes(options, url, keys, previews);
  return {
    port,
    url,
    newLink: () => (api === null || keys === null ? null : `${url}/enter?code=${keys.newCode(api.desk.now())}`),
    connections: () => new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count)))),
    async close() {
      previews?.close();
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const LIMITS = { requestTimeout: PATIENCE, headersTimeout: PATIENCE, maxHeaderSize: 16 * 1024, connectionsCheckingInterval: PATIENCE };

function routes(
  { host, names, token, metrics, health, api, webhooks = null, onError }: HttpOptions,
  url: string,
  keys: Keys | null,
  previews: Previews | null,
): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  // Before the doors: it comes from GitHub by whatever name it knows this machine, and its signature is what lets it in.
  if (webhooks !== null) app.post(WEBHOOKS, (c) => webhooks.receive(c));
  app.use(async (c, next) => {
    const header = (name: string): string | null => c.req.header(name) ?? null;
    const isApi = c.req.path.startsWith('/api/');
    for (const [name, value] of headersFor(c.req.path)) c.header(name, value);
    const knock = { host: header('host'), origin: header('origin'), site: header('sec-fetch-site'), mode: header('sec-fetch-mode') };
    const refused = refusal({ host, ...(names === undefined ? {} : { names }) }, knock);
    if (refused !== null) return isApi ? c.json(envelope('forbidden', refused), 403) : c.text(`${refused}\n`, 403);
    if (isApi) return next();
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') return c.text(`${c.req.method}: only GET and HEAD are answered\n`, 405);
    return next();
  });
  // As it always was: open on this machine, with the token elsewhere.
  const isLetIn = (authorization: string | undefined): boolean =>
    isLoopbackHost(host) || (token !== null && isSameSecret(authorization ?? '', `Bearer ${token}`));
  for (const path of ['/metrics', '/healthz'])
    app.use(path, async (c, next) => {
      if (isLetIn(c.req.header('authorization'))) return next();
      return c.text('the header Authorization: Bearer … with the token is missing or wrong (http.token_env)\n', 401);
    });
  app.get('/metrics', async (c) => c.body(await metrics(), 200, { 'content-type': METRICS_TYPE }));
  app.get('/healthz', (c) => {
    const { ok, text } = health();
    return c.text(`${text}\n`, ok ? 200 : 503);
  });
  if (api !== null && keys !== null && previews !== null) {
    const userOf = createUsers(api.desk.userOf);
    app.route(API, createApi({ desk: api.desk, keys, userOf, outlines: api.outlines, previews, url, onError }));
    addPageRoutes(app, { page: api.page, keys, userOf, now: api.desk.now, fleet: () => readState(api.desk) });
  }
  app.notFound((c) =>
    c.req.path.startsWith('/api/')
      ? c.json(envelope('not_found', 'there is nothing here', 'docs/api.md has all addresses.'), 404)
      : c.text('there is /metrics, /healthz and /api/v1\n', 404),
  );
  app.onError((error, c) => {
    onError(error);
    return c.text('that did not work: see logs/tac8.log\n', 500);
  });
  return app;
}

/** The port that it listens on. */
async function listen(server: Server, { host, port }: HttpOptions): Promise<number> {
  for (let tried = port; ; tried += 1) {
    try {
      await listenOn(server, host, tried);
      const address = server.address();
      return typeof address === 'object' && address !== null ? address.port : tried;
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!isTaken || port === 0 || tried + 1 >= port + PORTS_TRIED || tried >= 65535) throw error;
    }
  }
}

function listenOn(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
