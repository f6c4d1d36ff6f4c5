import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

/** A company's network on loopback: a forge that is reached by a CONNECT proxy alone, with a certificate of the company's own. */
export interface Company {
  /** `http://127.0.0.1:…` */
  readonly proxy: string;
  /** The company's certificate, a file. */
  readonly ca: string;
  /** What was asked of the proxy, `host:port`. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export async function startCompany(dir: string, host: string, forge: number): Promise<Company> {
  const at = (name: string): string => join(dir, name);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' });
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=Company',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
  );
  openssl(
    'req',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-subj',
    `/CN=${host}`,
    '-keyout',
    'key.pem',
    '-out',
    'request.pem',
  );
  writeFileSync(at('names'), `subjectAltName=DNS:${host}\n`);
  openssl(
    'x509',
    '-req',
    '-in',
    'request.pem',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    'names',
    '-out',
    'cert.pem',
  );

  const front = createTlsServer({ key: readFileSync(at('key.pem')), cert: readFileSync(at('cert.pem')) }, (incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const inner = request({ host: '127.0.0.1', port: forge, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    inner.on('error', () => outgoing.destroy());
    incoming.pipe(inner);
  });
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const proxy = createServer((_, response) => response.writeHead(403).end());
  proxy.on('connect', ({ url = '' }, client: Socket) => {
    asked.push(url);
    sockets.add(client);
    client.on('error', () => undefined);
    if (url !== `${host}:443`) return void client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const inner = connect(portOf(front), '127.0.0.1', () => client.write('HTTP/1.1 200 Connection established\r\n\r\n'));
    sockets.add(inner);
    inner.on('error', () => client.destroy());
    inner.pipe(client);
    client.pipe(inner);
  });
  for (const server of [front, proxy]) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    proxy: `http://127.0.0.1:${portOf(proxy)}`,
    ca: at('ca.pem'),
    asked,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      for (const server of [front, proxy]) {
        const closed = new Promise<void>((done) => server.close(() => done()));
        server.closeAllConnections();
        await closed;
      }
    },
  };
}

const portOf = (server: Pick<Server, 'address'>): number => (server.address() as AddressInfo).port;
