import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { Authority } from './authority.ts';
import { giveUp, type HostLogin, passWithLogin } from './pass-on.ts';

/** The key and certificate that this program shows a worker for the hosts that are sent a login. Nobody but a worker of this repository trusts it. */
export interface Face {
  readonly key: string;
  readonly cert: string;
}

export interface Joining {
  readonly asked: Authority;
  readonly address: string;
  readonly login: HostLogin;
  readonly face: Face;
  readonly joined: (outer: Socket) => void;
}

/**
 * The worker's TLS ends here: what it asks goes on over TLS of our own, to the host that it asked for and with the login of that host alone,
 * whatever login and Host header the worker sent.
 */
export function serveWithLogin(socket: Socket, first: Buffer, { asked, address, login, face, joined }: Joining): void {
  socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
  if (first.length > 0) socket.unshift(first);
  const inner = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(face), ALPNProtocols: ['http/1.1'] });
  inner.on('error', () => socket.destroy());
  const server = createServer({ requestTimeout: 0, headersTimeout: 30_000 }, (request, response) => {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    try {
      passWithLogin(request, response, { asked, address, login, joined });
    } catch {
      giveUp(response, 'a header or a path that cannot be sent on');
    }
  });
  server.on('clientError', (_, client) => client.destroy());
  server.emit('connection', inner);
}
