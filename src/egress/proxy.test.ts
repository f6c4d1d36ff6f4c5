import { connect, createServer, type Server, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createProxy } from './proxy.ts';

/** What a host on the list says to whatever it is asked. */
let says: string;
let heard: Buffer[];
let refused: string[];
let host: Server;
let proxy: Server;
let at: { readonly host: number; readonly proxy: number };
const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)));

beforeEach(async () => {
  heard = [];
  refused = [];
  host = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (bytes) => {
      heard.push(bytes);
      socket.end(says);
    });
  });
  const port = await listening(host);
  const route = { prefix: '/model', to: `http://127.0.0.1:${port}`, header: 'x-api-key', before: '', value: 'key', file: null };
  proxy = createProxy({
    ...{
      run: 'w-000001',
      task: 'gh-1',
      routes: () => [route],
      refused: (_: string, why: string) => void refused.push(why),
      logins: [],
      face: null,
    },
    lists: () => ({ hosts: [], private: [`127.0.0.1:${port}`, `localhost:${port}`], tasks: {} }),
    meter: { count: () => undefined, write: () => undefined },
    read: async () => null,
  } as unknown as Parameters<typeof createProxy>[0]);
  at = { host: port, proxy: await listening(proxy) };
});
afterEach(async () => {
  for (const server of [proxy, host]) await new Promise((resolve) => server.close(resolve));
});

/** The first line of the answer to a request as it is written here. */
async function ask(line: string, headers = ''): Promise<string> {
  const socket: Socket = connect(at.proxy, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`${line} HTTP/1.1\r\nhost: x\r\n${headers}connection: close\r\n\r\n`);
  let said = '';
  for await (const chunk of socket) said += String(chunk);
  return said.split('\r\n')[0] ?? '';
}

const OK = 'HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n';
const BAD = 'HTTP/1.1 502 Bad Gateway';
test.each<[string, string, (at: string) => string, string]>([
  ['what it should', OK, (to) => `GET http://${to}/`, 'HTTP/1.1 204 No Content'],
  ['a status that is none', 'HTTP/1.1 099 No\r\ncontent-length: 0\r\n\r\n', (to) => `GET http://${to}/`, BAD],
  ['the same, by a route', 'HTTP/1.1 099 No\r\ncontent-length: 0\r\n\r\n', () => 'GET /model/v1', BAD],
  ['no HTTP', 'hello\r\n\r\n', (to) => `GET http://${to}/`, BAD],
  ['nothing', '', () => 'GET /model/v1', BAD],
])('a host says %s: that request ends, the next one is answered', async (_, answer, line, first) => {
  says = answer;
  expect(await ask(line(`127.0.0.1:${at.host}`))).toBe(first);
  says = OK;
  expect(await ask(`GET http://127.0.0.1:${at.host}/again`)).toBe('HTTP/1.1 204 No Content');
});

test.each([
  'GET http://[::1',
  'GET http://a:99999/',
  'CONNECT a:99999',
  'CONNECT [',
  'OPTIONS *',
  'GET http://x\u00ff.example/',
])('%j is refused, and the next one is answered', async (line) => {
  says = OK;
  expect(await ask(line)).not.toMatch(/ 2\d\d /);
  expect(await ask(`GET http://127.0.0.1:${at.host}/`)).toBe('HTTP/1.1 204 No Content');
});

/** The greeting of a real client. */
const greeting = (servername: string): Promise<Buffer> =>
  new Promise((resolve) => {
    const socket = new Duplex({ read: () => undefined, write: (bytes: Buffer) => resolve(bytes) });
    connectTls({ socket, servername }).on('error', () => undefined);
  });

/** The same in two records, which servers put together. */
const inPieces = (hello: Buffer): Buffer =>
  Buffer.concat(
    [hello.subarray(5, 45), hello.subarray(45)].map((part) =>
      Buffer.concat([hello.subarray(0, 3), Buffer.from([part.length >> 8, part.length & 255]), part]),
    ),
  );

test.each<[string, () => Promise<Buffer>, string | null]>([
  ['a greeting with the name that was asked for', () => greeting('localhost'), null],
  ['what is no TLS', async () => Buffer.from('hello'), null],
  ['a greeting with another name', () => greeting('other.example'), 'its TLS greeting names "other.example"'],
  [
    'one whose name would move the cursor of a terminal',
    async () =>
      Buffer.from((await greeting('other.example')).toString('latin1').replace('other.example', 'o\x9b2Jr\x07\x85\x1b[mple'), 'latin1'),
    'its TLS greeting names "o?2jr???[mple"',
  ],
  ['one with another name in pieces', async () => inPieces(await greeting('other.example')), 'its TLS greeting cannot be read'],
])('on any port, %s', async (_, say, why) => {
  says = 'said';
  const socket = connect(at.proxy, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`CONNECT localhost:${at.host} HTTP/1.1\r\nhost: x\r\n\r\n`);
  let said = '';
  for await (const chunk of socket) {
    if (said === '') socket.write(await say());
    said += String(chunk);
  }
  expect(refused).toEqual(why === null ? [] : [why]);
  expect(heard).toHaveLength(why === null ? 1 : 0);
  expect(said.endsWith('said')).toBe(why === null);
});

test('on any port but 443 the host may speak first, and the worker may say nothing', async () => {
  host.removeAllListeners('connection').on('connection', (socket: Socket) => socket.end('welcome'));
  const socket = connect(at.proxy, '127.0.0.1');
  socket.write(`CONNECT localhost:${at.host} HTTP/1.1\r\nhost: x\r\n\r\n`);
  let said = '';
  for await (const chunk of socket) said += String(chunk);
  expect(said).toMatch(/welcome$/);
});
