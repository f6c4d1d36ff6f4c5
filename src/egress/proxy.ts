import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isListed, parseAuthority, written } from './authority.ts';
import type { Meter } from './notes/meter.ts';
import { giveUp, type HostLogin, passByRoute, passPlainly, type Route, refuse, routeFor } from './pass-on.ts';
import type { createLogins } from './renew.ts';
import type { Lists } from './rules.ts';
import { tunnel } from './tunnel.ts';
import { wayTo } from './way.ts';
import { type Face, serveWithLogin } from './with-login.ts';

/** Whose socket it is, and what that worker may. */
export interface Worker {
  readonly run: string;
  readonly task: string;
  readonly lists: () => Lists;
  readonly routes: () => readonly Route[];
  /** Something was wanted and not given. */
  readonly refused: (host: string, why: string) => void;
  readonly meter: Meter;
  /** Files of logins. */
  readonly read: ReturnType<typeof createLogins>;
  /** Hosts that are sent a login, and what this program shows in their place. */
  readonly logins: readonly HostLogin[];
  readonly face: Face | null;
}

/** The way out of one worker. The socket that it listens on is who the worker is: no name or token is asked for. */
export function createProxy(worker: Worker): Server {
  // Whatever one worker asks ends its own request, never this program, which is the way out of all.
  const server = createServer({ requestTimeout: 0, headersTimeout: 30_000 }, (request, response) => {
    answer(worker, request, response).catch(() => giveUp(response, 'a header or a path that cannot be sent on'));
  });
  server.on('connect', (request: IncomingMessage, socket: Socket, first: Buffer) => {
    join(worker, request, socket, first).catch(() => socket.destroy());
  });
  server.on('clientError', (_, socket) => socket.destroy());
  server.maxConnections = 512;
  return server;
}

async function join(worker: Worker, request: IncomingMessage, socket: Socket, first: Buffer): Promise<void> {
  socket.on('error', () => undefined);
  const asked = parseAuthority(request.url ?? '');
  const close = (host: string, why: string): void => {
    worker.refused(host, why);
    socket.end(`HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\ntac8: ${host}: ${why}\n`);
  };
  if (asked === null) return close(safe(request.url ?? ''), 'not a name and a port');
  const way = await wayTo(asked, worker.task, worker.lists());
  if (way.kind === 'closed') return close(written(asked), way.why);
  const login = worker.logins.find(({ host }) => isListed(asked, [host]));
  const count = (outer: Socket): void => worker.meter.count(worker.task, written(asked), outer);
  if (login !== undefined && worker.face !== null) {
    if (login.value === null) worker.refused(written(asked), `$${login.variable} is not set where the daemon runs`);
    return serveWithLogin(socket, first, { asked, address: way.address, login, face: worker.face, joined: count });
  }
  const why = await tunnel(socket, first, asked, way.address, count);
  if (why !== null) worker.refused(written(asked), why);
}

async function answer(worker: Worker, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '';
  response.on('error', () => undefined);
  request.on('error', () => undefined);
  if (path.startsWith('/')) {
    const route = routeFor(path, worker.routes());
    if (route !== null)
      return passByRoute(request, response, route, worker.read, (outer) => worker.meter.count(worker.task, new URL(route.to).host, outer));
    return refuse(response, 404, 'nothing is here but the routes that `tac8 sandbox show` lists');
  }
  const [, authority = '', rest = ''] = /^http:\/\/([^/?#@\\\s]+)(\/[^#\s]*)?$/i.exec(path) ?? [];
  const asked = parseAuthority(/:\d+$/.test(authority) ? authority : `${authority}:80`);
  const close = (host: string, why: string): void => {
    worker.refused(host, why);
    refuse(response, 403, `${host}: ${why}`);
  };
  if (asked === null) return close(safe(path), 'not an http address');
  const way = await wayTo(asked, worker.task, worker.lists());
  if (way.kind === 'closed') return close(written(asked), way.why);
  const count = (outer: Socket): void => worker.meter.count(worker.task, written(asked), outer);
  passPlainly(request, response, asked, way.address, rest === '' ? '/' : rest, count);
}

const safe = (text: string): string => text.slice(0, 100).replace(/[^\x21-\x7e]/g, '?');
