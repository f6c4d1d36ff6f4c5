import { connect, createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { createPreviews } from './previews.ts';

/** Previews of a worker that listens on every port but 1. */
async function world(refusal: string | null = null) {
  const server = createServer((socket) => socket.on('error', () => undefined).once('data', () => socket.end('HTTP/1.1 204 Empty\r\n\r\n')));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: real } = server.address() as { port: number };
  const sockets: Duplex[] = [];
  const previews = createPreviews({
    refusal: () => refusal,
    dial: async (_, port) => {
      if (port === 1) return null;
      const socket = connect(real, '127.0.0.1');
      sockets.push(socket);
      return socket;
    },
  });
  onTestFinished(async () => {
    previews.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return previews;
}

/** Whether somebody listens behind the link. */
const isServed = (link: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(Number(new URL(link).port), '127.0.0.1');
    socket.once('connect', () => resolve(socket.destroy() !== null));
    socket.once('error', () => resolve(false));
  });

const linkOf = (opened: Awaited<ReturnType<ReturnType<typeof createPreviews>['open']>>): string => (opened.ok ? opened.url : opened.why);

test('a preview is asked for again and stays the same; another task has a name and a key of its own', async () => {
  const previews = await world();
  const one = linkOf(await previews.open('gh-1', 5173));
  expect(one).toMatch(/^http:\/\/gh-1\.localhost:\d+\/\?tac8=[\w-]{32}$/);
  expect(linkOf(await previews.open('gh-1', 5173))).toBe(one);
  const other = linkOf(await previews.open('gh-2.codex', 5173));
  expect(other).toMatch(/^http:\/\/gh-2\.codex\.localhost:\d+\//);
  expect(new URL(other).search).not.toBe(new URL(one).search);
});

test('there is none where nothing answers, or where the task has no worker here', async () => {
  expect(await (await world()).open('gh-1', 1)).toEqual({ ok: false, why: 'nothing answers at port 1 of the worker of gh-1' });
  expect(await (await world('gh-1 has no worker at work')).open('gh-1', 5173)).toEqual({ ok: false, why: 'gh-1 has no worker at work' });
});

test('of many the one that was asked for longest ago goes, and all go with the daemon', async () => {
  const previews = await world();
  const links: string[] = [];
  for (let port = 2; port < 10; port++) links.push(linkOf(await previews.open('gh-1', port)));
  await previews.open('gh-1', 2);
  const ninth = linkOf(await previews.open('gh-1', 10));
  const [first = '', second = ''] = links;
  await expect.poll(() => isServed(second)).toBe(false);
  expect([await isServed(first), await isServed(ninth)]).toEqual([true, true]);
  previews.close();
  await expect.poll(async () => [await isServed(first), await isServed(ninth)]).toEqual([false, false]);
});
