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
  // On other ports the server may speak first.
  const greeting = asked.port === TLS_PORT ? await greetingOf(inner, first) : { bytes: first, why: null };
  const why = greeting.why ?? (asked.port === TLS_PORT ? mismatch(greeting.bytes, asked) : null);
  if (why !== null) {
    inner.destroy();
    outer.destroy();
    return why;
  }
  joined(outer);
  if (greeting.bytes.length > 0) outer.write(greeting.bytes);
  inner.pipe(outer).pipe(inner);
  for (const [one, other] of [
    [inner, outer],
    [outer, inner],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
  return null;
}

function mismatch(bytes: Buffer, { host }: Authority): string | null {
  const hello = readHello(bytes);
  if (hello.kind !== 'tls') return 'what is said to port 443 is not TLS';
  const wanted = isIP(host) === 0 ? host : null;
  return hello.name === wanted ? null : `its TLS greeting names ${JSON.stringify(hello.name ?? 'no host')}`;
}

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

function greetingOf(socket: Socket, first: Buffer): Promise<{ bytes: Buffer; why: string | null }> {
  return new Promise((resolve) => {
    let bytes = first;
    const done = (why: string | null): void => {
      socket.off('data', more);
      socket.off('close', gone);
      clearTimeout(timer);
      socket.pause();
      resolve({ bytes, why });
    };
    const more = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      if (readHello(bytes).kind !== 'more') done(null);
    };
    const gone = (): void => done('it ended without a word');
    const timer = setTimeout(() => done('it said nothing'), PATIENCE);
    if (readHello(bytes).kind !== 'more') return done(null);
    socket.on('data', more);
    socket.once('close', gone);
    socket.resume();
  });
}
