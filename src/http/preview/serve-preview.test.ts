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
async function ask(target: string, headers = ''): Promise<string> {
  const { port, host, searchParams } = new URL(preview.link);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(
    `GET ${target} HTTP/1.1\r\nhost: ${host}\r\ncookie: tac8-preview=${searchParams.get('tac8')}\r\n${headers}connection: close\r\n\r\n`,
  );
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
