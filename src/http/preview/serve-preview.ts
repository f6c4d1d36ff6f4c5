import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { isSameSecret } from '../../files/same-secret.ts';

/** A door for one person's browser to a server that a worker started. */
export interface Preview {
  /** With its key. */
  readonly link: string;
  close(): void;
}

const COOKIE = 'tac8-preview';
const DROPPED = ['host', 'cookie', 'connection', 'origin', 'referer'];

/**
 * On this machine's loopback, under a name of its own: the pages of a worker share no cookies with the page of tac8, nor with another worker's. `dial`
 * answers a connection to the worker's server, null where nothing answers.
 */
export async function servePreview(name: string, inner: number, port: number, dial: () => Promise<Duplex | null>): Promise<Preview> {
  const key = randomBytes(24).toString('base64url');
  const server = createServer((asked, answer) => {
    pass(asked, answer).catch(() => (answer.headersSent ? answer.destroy() : tell(answer, 400, 'that cannot be asked for')));
  });
  server.on('upgrade', (asked: IncomingMessage, socket: Duplex, first: Buffer) => void join(asked, socket, first));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const place = `${name}.localhost:${(server.address() as AddressInfo).port}`;

  /** Null: come in. A page elsewhere may have its own name lead here: it has another name. */
  const refusal = ({ headers }: IncomingMessage): string | null => {
    if (headers.host !== place) return `ask http://${place}`;
    const given = /(?:^|;\s*)tac8-preview=([\w-]+)/.exec(headers.cookie ?? '')?.[1];
    return given !== undefined && isSameSecret(given, key) ? null : 'use the link that `tac8 preview` printed, or the page gave';
  };
  const passedOn = ({ headers }: IncomingMessage): Record<string, string | readonly string[]> => {
    const cookies = (headers.cookie ?? '').split(/;\s*/).filter((one) => one !== '' && !one.startsWith('tac8'));
    const kept = Object.entries(headers).flatMap(([one, value]) =>
      value === undefined || DROPPED.includes(one) ? [] : [[one, value] as const],
    );
    // What a server of one's own machine is asked as: many refuse any other name.
    const own = { host: `localhost:${inner}`, ...(headers.origin === undefined ? {} : { origin: `http://localhost:${inner}` }) };
    return { ...Object.fromEntries(kept), ...own, ...(cookies.length === 0 ? {} : { cookie: cookies.join('; ') }) };
  };

  async function pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const url = new URL(asked.url ?? '/', `http://${place}`);
    if (asked.headers.host === place && isSameSecret(url.searchParams.get('tac8') ?? '', key)) {
      url.searchParams.delete('tac8');
      const location = `${url.pathname}${url.search}`;
      const cookie = { 'set-cookie': `${COOKIE}=${key}; HttpOnly; SameSite=Strict; Path=/` };
      if (['none', undefined].includes(asked.headers['sec-fetch-site'] as string | undefined))
        return void answer.writeHead(302, { ...cookie, location }).end();
      // Led here by another page, tac8's own: the browser shows the cookie to what a page of this place asks for, not to where it is sent on to.
      return void answer.writeHead(200, { ...cookie, 'content-type': 'text/html; charset=utf-8' }).end(onward(location));
    }
    const why = refusal(asked);
    if (why !== null) return tell(answer, 403, why);
    const socket = await dial().catch(() => null);
    if (socket === null) return tell(answer, 502, `nothing answers at port ${inner} of the worker`);
    const outer = request({
      method: asked.method,
      path: asked.url,
      headers: { ...passedOn(asked), connection: 'close' },
      createConnection: () => socket,
    });
    outer.on('response', (said) => {
      try {
        answer.writeHead(said.statusCode ?? 502, said.headers);
      } catch {
        // A status or a header that Node would not send.
        said.destroy();
        return tell(answer, 502, 'the worker’s server gave no HTTP answer');
      }
      said.pipe(answer);
      said.on('error', () => answer.destroy());
    });
    outer.on('error', () => (answer.headersSent ? answer.destroy() : tell(answer, 502, 'the worker’s server broke off')));
    answer.on('close', () => outer.destroy());
    asked.pipe(outer);
  }

  /** WebSockets, by which servers of developers tell their pages what is new. */
  async function join(asked: IncomingMessage, socket: Duplex, first: Buffer): Promise<void> {
    socket.on('error', () => undefined);
    const outer = refusal(asked) === null ? await dial().catch(() => null) : null;
    if (outer === null) return void socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
    const { upgrade = 'websocket' } = asked.headers;
    const lines = Object.entries({ ...passedOn(asked), connection: 'Upgrade', upgrade }).map(
      ([name, value]) => `${name}: ${String(value)}`,
    );
    outer.write(`${asked.method ?? 'GET'} ${asked.url ?? '/'} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    if (first.length > 0) outer.write(first);
    outer.pipe(socket).pipe(outer);
    for (const [one, other] of [
      [socket, outer],
      [outer, socket],
    ] as const)
      one.on('close', () => other.destroy());
  }

  return {
    link: `http://${place}/?tac8=${key}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const onward = (to: string): string =>
  `<!doctype html><meta http-equiv="refresh" content="0;url=${to.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"><title>preview</title>`;

const tell = (answer: ServerResponse, status: number, words: string): void =>
  void answer.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(`tac8: ${words}\n`);
