import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Preview, servePreview } from './serve-preview.ts';

/** What the worker's server says to whatever it is asked. */
let says: string;
let inside: Server;
let preview: Preview;
const sockets = new Set<Socket>();
beforeEach(async () => {
  inside = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(says));
  });
  await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve));
  const { port } = inside.address() as { port: number };
  preview = await servePreview('gh-1', port, 0, async () => {
    const socket = connect(port, '127.0.0.1');
    sockets.add(socket);
    return socket;
  });
});
afterEach(async () => {
  preview.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => inside.close(resolve));
});

/** The first line of the answer to a request as it is written here. */
async function ask(
  target: string,
  given: { readonly host?: string; readonly cookie?: string; readonly more?: string } = {},
): Promise<string> {
  const { port, host: own, searchParams } = new URL(preview.link);
  const { host = own, cookie = `tac8-preview=${searchParams.get('tac8')}`, more = '' } = given;
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(`GET ${target} HTTP/1.1\r\nhost: ${host}\r\ncookie: ${cookie}\r\n${more}connection: close\r\n\r\n`);
  let said = '';
  for await (const chunk of socket) said += String(chunk);
  return said.split('\r\n')[0] ?? '';
}

test.each([
  ['an answer', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi', '/', 'HTTP/1.1 200 OK'],
  ['a status that is none', 'HTTP/1.1 099 No\r\ncontent-length: 0\r\n\r\n', '/', 'HTTP/1.1 502 Bad Gateway'],
  ['no HTTP at all', 'hello\r\n\r\n', '/', 'HTTP/1.1 502 Bad Gateway'],
  ['nothing', '', '/', 'HTTP/1.1 502 Bad Gateway'],
  ['an address that is none', '', '//', 'HTTP/1.1 400 Bad Request'],
])('%s from the worker, or of the browser: the preview goes on', async (_, answer, target, first) => {
  says = answer;
  expect(await ask(target)).toBe(first);
  says = 'HTTP/1.1 204 No Content\r\n\r\n';
  expect(await ask('/again')).toBe('HTTP/1.1 204 No Content');
});

test('without the key, with another one, or under another name of this machine nobody comes in, nor by a WebSocket', async () => {
  says = 'HTTP/1.1 204 No Content\r\n\r\n';
  const { port } = new URL(preview.link);
  const upgrade = { more: 'upgrade: websocket\r\n' };
  for (const given of [
    { cookie: '' },
    { cookie: `tac8-preview=${'x'.repeat(32)}` },
    { host: `127.0.0.1:${port}` },
    { host: `gh-2.localhost:${port}` },
    { host: 'evil.example' },
    { cookie: '', ...upgrade },
    { host: 'evil.example', ...upgrade },
  ])
    expect([given, await ask('/', given)]).toEqual([given, 'HTTP/1.1 403 Forbidden']);
  expect(await ask('/?tac8=wrong', { cookie: '' })).toBe('HTTP/1.1 403 Forbidden');
  expect(await ask('/')).toBe('HTTP/1.1 204 No Content');
});

test('who is led there by a page is sent on by a page of this place, since the cookie is shown to no other', async () => {
  const { pathname, search } = new URL(preview.link);
  expect(await ask(`${pathname}${search}&x=1`, { cookie: '' })).toBe('HTTP/1.1 302 Found');
  expect(await ask(`${pathname}${search}&x=1`, { cookie: '', more: 'sec-fetch-site: none\r\n' })).toBe('HTTP/1.1 302 Found');
  expect(await ask(`${pathname}${search}&x=1`, { cookie: '', more: 'sec-fetch-site: cross-site\r\n' })).toBe('HTTP/1.1 200 OK');
});
