import { once } from 'node:events';
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { type Doors, refusal } from './doors.ts';

export interface HttpOptions extends Doors {
  /** 0: any. */
  readonly port: number;
  /** Prometheus text. */
  readonly metrics: () => Promise<string>;
  readonly health: () => Health;
  /** Told of a failure to answer. */
  readonly onError: (error: unknown) => void;
}

export interface Health {
  readonly ok: boolean;
  readonly text: string;
}

export interface HttpServer {
  readonly port: number;
  /** `http://127.0.0.1:4780` */
  readonly url: string;
  close(): Promise<void>;
}

/** How many ports are tried, from the wanted one on. */
const PORTS_TRIED = 20;
/** A scraper and a few people; more would only be somebody who keeps connections open. */
const MOST_CONNECTIONS = 64;
const PATIENCE = 10_000;
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Listens on the wanted port or the next free one. Throws the system's error where none of them can be had. */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const server = createAdaptorServer({ fetch: routes(options).fetch, serverOptions: LIMITS }) as Server;
  server.maxConnections = MOST_CONNECTIONS;
  const port = await listen(server, options);
  // What comes after it listens (no more files to open, say) is one connection's trouble.
  server.on('error', options.onError);
  const { host } = options;
  return {
    port,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const LIMITS = { requestTimeout: PATIENCE, headersTimeout: PATIENCE, maxHeaderSize: 16 * 1024, connectionsCheckingInterval: PATIENCE };

function routes({ host, token, metrics, health, onError }: HttpOptions): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    const header = (name: string): string | null => c.req.header(name) ?? null;
    const knock = { method: c.req.method, host: header('host'), origin: header('origin'), authorization: header('authorization') };
    const refused = refusal({ host, token }, knock);
    if (refused !== null) return c.text(`${refused.message}\n`, refused.status);
    await next();
    c.header('x-content-type-options', 'nosniff');
    c.header('cache-control', 'no-store');
    return undefined;
  });
  app.get('/metrics', async (c) => c.body(await metrics(), 200, { 'content-type': METRICS_TYPE }));
  app.get('/healthz', (c) => {
    const { ok, text } = health();
    return c.text(`${text}\n`, ok ? 200 : 503);
  });
  app.get('/', (c) => c.text('tac8: /metrics for Prometheus, /healthz for a health check; `tac8 status` tells the rest\n'));
  app.notFound((c) => c.text('there is only /metrics and /healthz\n', 404));
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
