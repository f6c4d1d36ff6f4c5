import { createHmac } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type HttpServer, startHttp } from '../server.ts';
import { openDeliveries } from './deliveries.ts';
import { createWebhooks, type Webhooks } from './receive.ts';
import { MOST_BYTES } from './signature.ts';

const SECRET = 'It’s a Secret to Everybody';
let dir: string;
let server: HttpServer;
let webhooks: Webhooks;
let hurried = 0;
let now = 1_700_000_000_000;
const errors: unknown[] = [];

async function start(): Promise<void> {
  const deliveries = await openDeliveries(join(dir, 'webhooks.jsonl'));
  webhooks = createWebhooks({
    secret: SECRET,
    deliveries,
    now: () => now,
    hurry: () => (hurried += 1),
    onError: (error) => errors.push(error),
  });
  server = await startHttp({
    ...{ host: '127.0.0.1', port: 0, token: null, api: null, metrics: async () => '', health: () => ({ ok: true, text: 'ok' }) },
    webhooks,
    onError: (error) => errors.push(error),
  });
}

async function end(): Promise<void> {
  webhooks.close();
  await server.close();
}

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tac8-webhooks-'));
  hurried = 0;
  errors.length = 0;
  await start();
});
afterEach(async () => {
  await end();
  rmSync(dir, { recursive: true, force: true });
});

const sign = (body: string, secret = SECRET): string => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

async function send(body: string, headers: Record<string, string | undefined> = {}): Promise<number> {
  const all = {
    'content-type': 'application/json',
    'x-github-event': 'issues',
    'x-github-delivery': 'd-1',
    'x-hub-signature-256': sign(body),
    ...headers,
  };
  const kept = Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
  return (await fetch(`${server.url}/webhooks/github`, { method: 'POST', headers: kept, body })).status;
}

test('GitHub’s own example of a signature', () => {
  expect(sign('Hello, World!', "It's a Secret to Everybody")).toBe(
    'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
  );
});

test('one that is signed is kept before it is answered, and has GitHub looked at', async () => {
  expect(await send('{"action":"labeled"}')).toBe(202);
  expect(hurried).toBe(1);
  const kept = readFileSync(join(dir, 'webhooks.jsonl'), 'utf8');
  expect(JSON.parse(kept)).toMatchObject({ id: 'd-1', event: 'issues', signature: sign('{"action":"labeled"}'), at: now });
  expect(statSync(join(dir, 'webhooks.jsonl')).mode & 0o777).toBe(0o600);
});

test.each([
  ['no signature', { 'x-hub-signature-256': undefined }, 401],
  [
    'the older signature alone',
    { 'x-hub-signature-256': undefined, 'x-hub-signature': 'sha1=7d38cdd689735b008b3c702edd92eea23791c5f6' },
    401,
  ],
  ['another secret', { 'x-hub-signature-256': sign('{}', 'another') }, 401],
  ['a signature of another text', { 'x-hub-signature-256': sign('{ }') }, 401],
  ['half a signature', { 'x-hub-signature-256': sign('{}').slice(0, 40) }, 401],
  ['no number', { 'x-github-delivery': undefined }, 400],
  ['a number that is a path', { 'x-github-delivery': '../../etc/passwd' }, 400],
  ['no event', { 'x-github-event': undefined }, 400],
] as const)('%s: refused, nothing kept, nobody looks', async (_, headers, status) => {
  expect(await send('{}', headers)).toBe(status);
  expect(hurried).toBe(0);
  expect(() => readFileSync(join(dir, 'webhooks.jsonl'))).toThrow('ENOENT');
});

test('the same delivery again, as GitHub redelivers it, is answered well and does nothing; so after a restart', async () => {
  expect([await send('{"n":1}'), await send('{"n":1}')]).toEqual([202, 202]);
  await end();
  await start();
  expect(await send('{"n":1}')).toBe(202);
  expect(hurried).toBe(1);
});

test('a text that was here is refused under another number, and a number that was here with another text', async () => {
  await send('{"n":1}');
  expect(await send('{"n":1}', { 'x-github-delivery': 'd-2' })).toBe(409);
  expect(await send('{"n":2}')).toBe(409);
  await end();
  await start();
  expect(await send('{"n":1}', { 'x-github-delivery': 'd-3' })).toBe(409);
  expect(hurried).toBe(1);
});

test('what is larger than GitHub sends is refused, said or not', async () => {
  const status = (headers: Record<string, string>, pieces: number): Promise<number> =>
    new Promise((resolve, reject) => {
      const { port } = server;
      const asked = request(
        {
          host: '127.0.0.1',
          port,
          path: '/webhooks/github',
          method: 'POST',
          headers: { 'x-github-event': 'push', 'x-github-delivery': 'd', 'x-hub-signature-256': sign(''), ...headers },
        },
        (response) => {
          resolve(response.statusCode ?? 0);
          response.resume();
          asked.destroy();
        },
      );
      asked.on('error', reject);
      const piece = Buffer.alloc(1024 * 1024);
      const write = (left: number): void => {
        if (left === 0) asked.end();
        else asked.write(piece, () => write(left - 1));
      };
      write(pieces);
    });
  expect(await status({ 'content-length': String(MOST_BYTES + 1) }, 0)).toBe(413);
  expect(await status({ 'transfer-encoding': 'chunked' }, 27)).toBe(413);
  expect(hurried).toBe(0);
});

test('its text is never read: what is no JSON is as good, and headers that nobody signed do no more than an early look', async () => {
  expect(await send('{"action":', { 'x-github-event': 'membership' })).toBe(202);
  expect(await send('ping', { 'x-github-event': 'ping', 'x-github-delivery': 'd-2' })).toBe(202);
  expect(hurried).toBe(1);
});

test('comes by whatever name the tunnel has; nothing else there does', async () => {
  const ask = (path: string, method: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const headers = { host: 'tunnel.example', 'x-github-event': 'issues', 'x-github-delivery': 'd', 'x-hub-signature-256': sign('') };
      const asked = request({ host: '127.0.0.1', port: server.port, path, method, headers }, (response) => {
        resolve(response.statusCode ?? 0);
        response.resume();
      });
      asked.on('error', reject);
      asked.end();
    });
  expect(await ask('/webhooks/github', 'POST')).toBe(202);
  expect(await ask('/webhooks/github', 'GET')).toBe(403);
  expect(await ask('/healthz', 'GET')).toBe(403);
});

test('what cannot be kept is not taken: GitHub shows it as failed, and it may come again', async () => {
  // Not even root can write below a file.
  renameSync(dir, `${dir}.away`);
  writeFileSync(dir, '');
  expect(await send('{"n":1}')).toBe(503);
  expect([hurried, errors.length]).toEqual([0, 1]);
  rmSync(dir);
  renameSync(`${dir}.away`, dir);
  expect(await send('{"n":1}')).toBe(202);
  expect(hurried).toBe(1);
});

test('a file that was cut or spoilt costs what stood in the spoilt line, and goes on whole', async () => {
  await send('{"n":1}');
  await end();
  const file = join(dir, 'webhooks.jsonl');
  writeFileSync(file, `no JSON\n{"id":7}\n${readFileSync(file, 'utf8')}`);
  appendFileSync(file, '{"id":"cut","sig');
  await start();
  expect(await send('{"n":1}', { 'x-github-delivery': 'd-2' })).toBe(409);
  expect(await send('{"n":2}', { 'x-github-delivery': 'd-3' })).toBe(202);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).id)).toEqual(['d-1', 'd-3']);
});

test('a storm of them is a few looks at once, and one after it', async () => {
  for (let n = 0; n < 40; n += 1) await send(`{"n":${n}}`, { 'x-github-delivery': `d-${n}` });
  expect(hurried).toBeLessThanOrEqual(11);
  await expect.poll(() => hurried, { timeout: 20_000 }).toBe(11);
  now += 20_000;
  await send('{"n":"later"}', { 'x-github-delivery': 'd-later' });
  expect(hurried).toBe(12);
});
