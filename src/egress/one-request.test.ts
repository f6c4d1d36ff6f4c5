import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createProxy } from './proxy.ts';

/** Each request that the service heard: method, path, Host and body. */
let heard: string[];
let service: Server;
let proxy: Server;
let port: number;

beforeEach(async () => {
  heard = [];
  // As some do with TRACE: it says what it was asked.
  service = createServer(async (request, response) => {
    const body: string[] = [];
    for await (const piece of request) body.push(String(piece));
    heard.push(`${request.method} ${request.url} ${request.headers.host} ${body.join('')}`);
    response.end(request.rawHeaders.join(' '));
  });
  service.on('clientError', (_, socket) => socket.destroy());
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  port = (service.address() as AddressInfo).port;
  const route = { prefix: '/model', to: `http://127.0.0.1:${port}`, header: 'x-api-key', before: '', value: 'the-key', file: null };
  proxy = createProxy({
    ...{ run: 'w-000001', task: 'gh-1', routes: () => [route], refused: () => undefined, logins: [], face: null },
    ...{ lists: () => ({ hosts: [], private: [`127.0.0.1:${port}`], tasks: {} }), read: async () => null },
    meter: { count: () => undefined, write: () => undefined },
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
});
afterEach(async () => {
  for (const server of [proxy, service]) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

/** Says it as it is written here; answers all that comes back. */
async function say(text: string): Promise<string> {
  const socket = connect((proxy.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(text);
  let said = '';
  for await (const piece of socket) said += String(piece);
  return said;
}

const INNER = 'GET /other HTTP/1.1\r\nHost: other.example\r\n\r\n';
const chunked = `${INNER.length.toString(16)}\r\n${INNER}\r\n0\r\n\r\n`;
const BODIES: readonly (readonly [string, string, string])[] = [
  ['in chunks', 'Transfer-Encoding: chunked\r\n', chunked],
  ['whose length is between two machines alone', `Content-Length: ${INNER.length}\r\nConnection: content-length\r\n`, INNER],
  ['in chunks that are between two machines alone', 'Transfer-Encoding: chunked\r\nConnection: transfer-encoding\r\n', chunked],
];

test.each(
  ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST'].flatMap((method) =>
    (['by a route', 'by its address'] as const).flatMap((way) =>
      BODIES.map(([what, headers, body]) => ({ method, way, what, headers, body })),
    ),
  ),
)('the body of a $method $what, $way, is no further request', async ({ method, way, headers, body }) => {
  const target = way === 'by a route' ? '/model/v1' : `http://127.0.0.1:${port}/v1`;
  await say(
    `${method} ${target} HTTP/1.1\r\nHost: x\r\n${headers}${headers.includes('Connection') ? '' : 'Connection: close\r\n'}\r\n${body}`.replace(
      'Connection: ',
      'Connection: close, ',
    ),
  );
  // A request behind it would have been heard before this one, on the same connection or another.
  await say(`GET http://127.0.0.1:${port}/next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  expect(heard).toEqual([`${method} /v1 127.0.0.1:${port} ${INNER}`, `GET /next 127.0.0.1:${port} `]);
});

test.each(['TRACE', 'SEARCH', 'PROPFIND'])('%s is not sent with a login, whatever would be answered', async (method) => {
  const said = await say(`${method} /model/v1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  expect(said).toMatch(/^HTTP\/1\.1 405 /);
  expect(said).not.toContain('the-key');
  expect(heard).toEqual([]);
});
