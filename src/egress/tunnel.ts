import { connect, isIP, type Socket } from 'node:net';
import type { Authority } from './authority.ts';
import { readHello } from './hello.ts';

const PATIENCE = 15_000;
const TLS_PORT = 443;

/**
 * Both ends joined once the greeting names the host that was asked for: a name on the list does not lead to another one at the same address.
 * Answers why not, or null. `first`: what came with the request; `joined` is told of the connection once they are.
 */
export async function tunnel(
  inner: Socket,
  first: Buffer,
  asked: Authority,
  address: string,
  joined: (outer: Socket) => void,
): Promise<string | null> {
  const outer = await connected(address, asked.port);
  if (outer === null) {
    inner.end('HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n');
    return null;
  }
  inner.write('HTTP/1.1 200 Connection Established\r\n\r\n');
  const isTls = asked.port === TLS_PORT;
  // On other ports the server may speak first, and what is said need not be TLS: where it is, the name counts as well.
  if (!isTls) join(outer, inner, joined);
  const greeting = await greetingOf(inner, first, isTls);
  const why = greeting.why ?? mismatch(greeting.bytes, asked);
  if (why !== null) {
    inner.destroy();
    outer.destroy();
    return why;
  }
  if (isTls) join(outer, inner, joined);
  if (greeting.bytes.length > 0) outer.write(greeting.bytes);
  inner.pipe(outer);
  if (inner.readableEnded) outer.end();
  return null;
}

/** What the host says goes to the worker, and the end of one is that of the other. */
function join(outer: Socket, inner: Socket, joined: (outer: Socket) => void): void {
  joined(outer);
  outer.pipe(inner);
  for (const [one, other] of [
    [inner, outer],
    [outer, inner],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}

function mismatch(bytes: Buffer, { host, port }: Authority): string | null {
  const hello = readHello(bytes);
  if (hello.kind !== 'tls' && port === TLS_PORT) return 'what is said to port 443 is not TLS';
  // In pieces, a server would read it all the same.
  if (hello.kind !== 'tls') return bytes[0] === 0x16 && bytes[1] === 3 ? 'its TLS greeting cannot be read' : null;
  // Many a database client names nobody.
  if (hello.name === null && port !== TLS_PORT) return null;
  const wanted = isIP(host) === 0 ? host : null;
  return hello.name === wanted ? null : `its TLS greeting names ${JSON.stringify(shown(hello.name ?? 'no host'))}`;
}

/** A person reads it in a terminal, and the worker may write any bytes there. */
const shown = (name: string): string => name.slice(0, 100).replace(/[^\x20-\x7e]/g, '?');

const connected = (host: string, port: number): Promise<Socket | null> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, allowHalfOpen: true, timeout: PATIENCE });
    socket.once('connect', () => {
      socket.setTimeout(0);
      resolve(socket);
    });
    socket.once('timeout', () => socket.destroy());
    socket.on('error', () => resolve(null));
    socket.once('close', () => resolve(null));
  });

/** `hasTo`: it has to come, and soon. */
function greetingOf(socket: Socket, first: Buffer, hasTo: boolean): Promise<{ bytes: Buffer; why: string | null }> {
  return new Promise((resolve) => {
    let bytes = first;
    const done = (why: string | null): void => {
      socket.off('data', more);
      for (const event of ['end', 'close']) socket.off(event, gone);
      if (timer !== null) clearTimeout(timer);
      socket.pause();
      resolve({ bytes, why: hasTo ? why : null });
    };
    const more = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      if (readHello(bytes).kind !== 'more') done(null);
    };
    const gone = (): void => done('it ended without a word');
    const timer = hasTo ? setTimeout(() => done('it said nothing'), PATIENCE) : null;
    if (readHello(bytes).kind !== 'more') return done(null);
    socket.on('data', more);
    for (const event of ['end', 'close']) socket.once(event, gone);
    socket.resume();
  });
}
