import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** A company's npm registry on loopback, over TLS with a certificate of the company's own: it has one package, and gives it to whoever has the token. */
export interface Registry {
  /** `localhost:…` */
  readonly host: string;
  /** The company's certificate, a file. */
  readonly ca: string;
  /** `PATH login` of each request. */
  readonly asked: readonly string[];
  /** Of the package. */
  readonly integrity: string;
  close(): Promise<void>;
}

export async function startRegistry(dir: string, token: string): Promise<Registry> {
  mkdirSync(join(dir, 'package'), { recursive: true });
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-days', '2', '-subj', '/CN=Company', '-keyout', 'ca.key', '-out', 'ca.pem');
  openssl('req', ...key, '-subj', '/CN=registry', '-keyout', 'key.pem', '-out', 'request.pem');
  writeFileSync(join(dir, 'names'), 'subjectAltName=DNS:localhost\n');
  const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-set_serial', '2'];
  openssl('x509', '-req', '-in', 'request.pem', ...signer, '-days', '2', '-extfile', 'names', '-out', 'cert.pem');
  writeFileSync(join(dir, 'package/package.json'), JSON.stringify({ name: 'corp-greeting', version: '1.0.0', main: 'index.js' }));
  writeFileSync(join(dir, 'package/index.js'), "module.exports = 'hello from the company';\n");
  execFileSync('tar', ['-czf', 'package.tgz', 'package'], { cwd: dir });
  const file = readFileSync(join(dir, 'package.tgz'));
  const integrity = `sha512-${createHash('sha512').update(file).digest('base64')}`;
  const asked: string[] = [];
  const read = (name: string): Buffer => readFileSync(join(dir, name));
  const server: Server = createServer({ key: read('key.pem'), cert: read('cert.pem') }, ({ url = '', headers }, response) => {
    asked.push(`${url} ${headers.authorization ?? 'no login'}`);
    if (headers.authorization !== `Bearer ${token}`) return void response.writeHead(401).end();
    if (url.endsWith('.tgz')) return void response.end(file);
    const dist = { tarball: `https://${headers.host}/corp-greeting/-/corp-greeting-1.0.0.tgz`, integrity };
    const versions = { '1.0.0': { name: 'corp-greeting', version: '1.0.0', dist } };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ name: 'corp-greeting', 'dist-tags': { latest: '1.0.0' }, versions }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `localhost:${(server.address() as AddressInfo).port}`,
    ca: join(dir, 'ca.pem'),
    asked,
    integrity,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
