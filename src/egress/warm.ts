import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSecureContext } from 'node:tls';
import { createProxy } from './proxy.ts';
import { NOTHING } from './rules.ts';

const TIMES = 40;

/**
 * Sends requests of nobody the whole way, to a service of its own, before the first worker's comes: what the first ones of a process cost (code that runs
 * for the first time, the certificates of the machine) would be waited for by all workers that ask at that moment. `path`: of a socket that is nobody's.
 */
export async function warm(path: string): Promise<void> {
  createSecureContext();
  const service = createServer((asked, answer) => {
    asked.resume();
    answer.end('{}');
  });
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  const { port } = service.address() as AddressInfo;
  const route = { prefix: '/model', to: `http://127.0.0.1:${port}`, header: 'x-api-key', before: '', value: 'nobody', file: null };
  const server = createProxy({
    ...{ run: '', task: '', lists: () => NOTHING, routes: () => [route], logins: [], face: null },
    ...{ refused: () => undefined, meter: { count: () => undefined, write: () => undefined }, read: async () => null },
  });
  try {
    rmSync(path, { force: true });
    server.listen(path);
    await once(server, 'listening');
    for (let n = 0; n < TIMES; n += 1) await ask(path);
  } finally {
    for (const one of [server, service]) {
      one.closeAllConnections();
      one.close();
    }
  }
}

const ask = (socketPath: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: '/model/v1/messages', method: 'POST', agent: false }, (answer) => {
      answer.resume();
      answer.once('close', resolve);
    });
    asked.once('error', reject);
    asked.end('{}');
  });
