import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../../test/fixtures/processes/world.ts';
import type { Times } from '../../egress/life/life.ts';
import { ownProgram } from '../../place/own-files.ts';
import { readRefusals } from '../../read/refused/refusals.ts';
import { readTraffic } from '../../read/refused/traffic.ts';
import { createEgress, type Egress, running } from './egress.ts';

const KEY = 'canary-key-of-the-model';
let dir: string;
let service: Server;
let port: number;
let heard: { url: string; headers: Record<string, unknown> }[];
let egress: Egress;

beforeEach(async () => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'tac8-egress-')));
  for (const run of ['w-aaaaaa', 'w-bbbbbb', 'w-cccccc']) mkdirSync(join(dir, 'runs', run), { recursive: true });
  heard = [];
  service = createServer((asked, answer) => {
    heard.push({ url: asked.url ?? '', headers: asked.headers });
    const renewed = { access_token: 'renewed', refresh_token: 'b', expires_in: 3600 };
    answer.end(asked.url === '/renew' ? JSON.stringify(renewed) : `hello ${asked.method}`);
  });
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  ({ port } = service.address() as AddressInfo);
  egress = makeEgress();
});

afterEach(async () => {
  const there = running(dir);
  if (there !== null) {
    process.kill(there.pid, 'SIGKILL');
    await until(() => running(dir) === null, 'the proxy to be gone');
  }
  service.closeAllConnections();
  service.close();
  rmSync(dir, { recursive: true, force: true });
});

function makeEgress(key = KEY, inner: readonly string[] = [`localhost:${port}`], times?: Times): Egress {
  const route = { prefix: '/model', to: `http://127.0.0.1:${port}/base`, header: 'x-api-key', before: '', value: key, file: null };
  const hosts = ['listed.invalid', `127.0.0.1:${port}`];
  const options = {
    ...{ routes: [route], logins: [], trust: { all: [], more: [] } },
    hosts,
    private: inner,
    replaces: true,
    env: {},
    program: ownProgram('egress/main'),
  };
  return createEgress({ dir, runsDir: join(dir, 'runs'), ...options, ...(times !== undefined && { times }) });
}

/** What the worker's end of its socket is answered. */
function ask(socketPath: string, path: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ agent: false, socketPath, path, headers: { host: 'x', ...headers } }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => {
        text += String(chunk);
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    asked.on('error', reject).end();
  });
}

/** The first line that a CONNECT is answered with. */
function knockAt(socketPath: string, authority: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath, () => socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: x\r\n\r\n`));
    socket.once('data', (chunk) => {
      resolve(String(chunk).split('\r\n')[0] ?? '');
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => resolve('closed'));
  });
}

test('the key is put in outside, whatever login the worker sends, and goes to its service alone', async () => {
  const socket = join(await egress.open('w-aaaaaa', 'gh-1'), 's');
  const sent = { 'x-api-key': 'mine', authorization: 'Bearer mine', cookie: 'a=b', host: 'evil.example', 'x-other': 'kept' };
  expect(await ask(socket, '/model/v1/messages?beta=true', sent)).toEqual({ status: 200, text: 'hello GET' });
  expect(heard).toHaveLength(1);
  expect(heard[0]?.url).toBe('/base/v1/messages?beta=true');
  expect(heard[0]?.headers).toMatchObject({ 'x-api-key': KEY, host: `127.0.0.1:${port}`, 'x-other': 'kept' });
  expect(heard[0]?.headers).not.toHaveProperty('authorization');
  expect(heard[0]?.headers).not.toHaveProperty('cookie');
  for (const path of ['/model/../v1', '/models/v1', '/', '/model/%2e%2e/x']) expect((await ask(socket, path)).status).toBe(404);
  expect((await ask(socket, `http://localhost:${port}/plain`)).text).toBe('hello GET');
  expect(JSON.stringify(heard.at(-1)?.headers)).not.toContain(KEY);
  const pid = running(dir)?.pid ?? 0;
  for (const file of ['environ', 'cmdline']) expect(readFileSync(`/proc/${pid}/${file}`, 'latin1')).not.toContain(KEY);
});

test('a worker asks the services of its own agent, and no other, after a restart as well', async () => {
  const [own, none, all] = [
    join(await egress.open('w-aaaaaa', 'gh-1', { routes: ['/model'] }), 's'),
    join(await egress.open('w-bbbbbb', 'gh-2', { routes: [] }), 's'),
    join(await egress.open('w-cccccc', 'gh-3'), 's'),
  ];
  const answers = () => Promise.all([own, none, all].map(async (socket) => (await ask(socket, '/model/v1')).status));
  expect(await answers()).toEqual([200, 404, 200]);
  process.kill(running(dir)?.pid ?? 0, 'SIGKILL');
  await until(() => running(dir) === null, 'the proxy to be gone');
  await egress.ready();
  expect(await answers()).toEqual([200, 404, 200]);
});

test('what is not on the list, or leads to this machine, is refused, and told', async () => {
  const socket = join(await egress.open('w-aaaaaa', 'gh-1'), 's');
  for (const host of [
    'other.invalid:443',
    `127.0.0.1:${port}`,
    `[::1]:${port}`,
    `[::ffff:127.0.0.1]:${port}`,
    '169.254.169.254:80',
    'listed.invalid:80',
  ])
    expect(await knockAt(socket, host), host).toBe('HTTP/1.1 403 Forbidden');
  expect((await ask(socket, `http://127.0.0.1:${port}/`)).status).toBe(403);
  expect(heard).toEqual([]);
  expect(readRefusals(dir)).toContainEqual(
    expect.objectContaining({ task: 'gh-1', run: 'w-aaaaaa', host: 'other.invalid:443', why: 'not on the list' }),
  );
  expect(readRefusals(dir)).toContainEqual(
    expect.objectContaining({ host: `127.0.0.1:${port}`, why: expect.stringContaining('private network') }),
  );
});

test('a name is let through by a word for one task, at once, and the address behind it still counts', async () => {
  const one = join(await egress.open('w-aaaaaa', 'gh-1'), 's');
  const two = join(await egress.open('w-bbbbbb', 'gh-2'), 's');
  egress.allow('gh-1', 'other.invalid:443');
  expect(await knockAt(one, 'other.invalid:443')).toBe('HTTP/1.1 403 Forbidden');
  expect(readRefusals(dir)).toEqual([]);
  expect(await knockAt(two, 'other.invalid:443')).toBe('HTTP/1.1 403 Forbidden');
  expect(readRefusals(dir)).toEqual([expect.objectContaining({ task: 'gh-2', why: 'not on the list' })]);
  expect(await knockAt(one, `localhost:${port}`)).toBe('HTTP/1.1 200 Connection Established');
});

test('one with a list of its own reaches that in the place of what all may', async () => {
  const folder = await egress.open('w-aaaaaa', 'gh-1', { hosts: ['own.invalid'], alone: true });
  for (const host of ['listed.invalid:443', 'own.invalid:443']) await knockAt(join(folder, 's'), host);
  expect(readRefusals(dir).map(({ why }) => why)).toEqual(['no address is known of that name', 'not on the list']);
});

test('a host of one worker’s own is let through for it alone, and after a restart as well', async () => {
  const own = join(await egress.open('w-aaaaaa', 'gh-1', { hosts: ['tools.invalid', 'other.invalid:8443'] }), 's');
  const others = join(await egress.open('w-bbbbbb', 'gh-2'), 's');
  const isWhy = async (): Promise<readonly (readonly string[])[]> => {
    rmSync(join(dir, 'refused.jsonl'), { force: true });
    for (const socket of [own, others])
      for (const host of ['tools.invalid:443', 'tools.invalid:80', 'other.invalid:8443']) await knockAt(socket, host);
    return readRefusals(dir)
      .map(({ task, host, why }) => [task, host, why])
      .reverse();
  };
  // Nobody has such names: who may go there hears so.
  const right = [
    ['gh-1', 'tools.invalid:443', 'no address is known of that name'],
    ['gh-1', 'tools.invalid:80', 'not on the list'],
    ['gh-1', 'other.invalid:8443', 'no address is known of that name'],
    ...['tools.invalid:443', 'tools.invalid:80', 'other.invalid:8443'].map((host) => ['gh-2', host, 'not on the list']),
  ];
  expect(await isWhy()).toEqual(right);
  process.kill(running(dir)?.pid ?? 0, 'SIGKILL');
  await until(() => running(dir) === null, 'the proxy to be gone');
  await egress.ready();
  expect(await isWhy()).toEqual(right);
});

test('killed, it is there again with the same sockets; with another key, another takes its place', async () => {
  const socket = join(await egress.open('w-aaaaaa', 'gh-1'), 's');
  const first = running(dir)?.pid ?? 0;
  process.kill(first, 'SIGKILL');
  await until(() => running(dir) === null, 'the proxy to be gone');
  await egress.ready();
  expect((await ask(socket, '/model/a')).status).toBe(200);
  const second = running(dir)?.pid ?? 0;
  await makeEgress('another').ready();
  expect((await ask(socket, '/model/a')).status).toBe(200);
  expect(heard.map(({ headers }) => headers['x-api-key'])).toEqual([KEY, 'another']);
  expect(running(dir)?.pid).not.toBe(second);
  await until(() => !isThere(second), 'the one before to leave');
});

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('what goes through is counted by task and host, and goes on from one way out to the next', async () => {
  const socket = join(await egress.open('w-aaaaaa', 'gh-1'), 's');
  await ask(socket, `http://localhost:${port}/x`);
  await ask(socket, '/model/v1');
  await ask(socket, 'http://refused.invalid/');
  await until(() => readTraffic(dir).length === 2, 'both hosts to be counted');
  const [first] = readTraffic(dir);
  expect(first).toMatchObject({ task: 'gh-1', requests: 1 });
  expect(first?.sent).toBeGreaterThan(30);
  expect(first?.received).toBeGreaterThan('hello GET'.length);
  process.kill(running(dir)?.pid ?? 0, 'SIGKILL');
  await until(() => running(dir) === null, 'the proxy to be gone');
  const again = join(await egress.open('w-bbbbbb', 'gh-1'), 's');
  await ask(again, `http://localhost:${port}/y`);
  await until(() => readTraffic(dir).some(({ requests }) => requests === 2), 'the second request');
  expect(readTraffic(dir)).toHaveLength(2);
});

test('a login that has run out is renewed on the way, and the worker’s request goes with the new one', async () => {
  const [file, lock] = [join(dir, 'login.json'), join(dir, 'lock')];
  writeFileSync(file, JSON.stringify({ token: 'old', again: 'a', until: 1 }));
  const at = { token: ['token'], again: ['again'], until: ['until'], scopes: ['scopes'] };
  const renewal = { to: `http://127.0.0.1:${port}/renew`, client: 'c', at, lock };
  const route = { prefix: '/model', to: `http://127.0.0.1:${port}`, header: 'authorization', before: 'Bearer ', value: null };
  const options = {
    logins: [],
    trust: { all: [], more: [] },
    hosts: [],
    private: [],
    replaces: true,
    env: {},
    program: ownProgram('egress/main'),
  };
  egress = createEgress({
    dir,
    runsDir: join(dir, 'runs'),
    routes: [{ ...route, file: { path: file, at: ['token'], renewal } }],
    ...options,
  });
  const socket = join(await egress.open('w-aaaaaa', 'gh-1'), 's');
  await ask(socket, '/model/v1/messages');
  expect(heard.map(({ url, headers }) => [url, headers.authorization])).toEqual([
    ['/renew', undefined],
    ['/v1/messages', 'Bearer renewed'],
  ]);
});

test('without a daemon it goes once its last worker has ended, and forgets it', async () => {
  egress = makeEgress(KEY, [], { unused: 2_000, look: 50, alone: 3_600_000 });
  await egress.open('w-aaaaaa', 'gh-1');
  await egress.open('w-bbbbbb', 'gh-2');
  writeFileSync(join(dir, 'runs/w-aaaaaa/exit'), '0 1\n');
  await until(() => !existsSync(join(dir, 'known/w-aaaaaa')), 'the first to be forgotten');
  expect(running(dir)).not.toBeNull();
  writeFileSync(join(dir, 'runs/w-bbbbbb/exit'), '0 1\n');
  await until(() => running(dir) === null, 'the proxy to be gone');
});

test('told to end, it ends, also where it only then hears that its last worker is gone', async () => {
  egress = makeEgress(KEY, [], { unused: 3_600_000, look: 50, alone: 3_600_000 });
  await egress.open('w-aaaaaa', 'gh-1');
  const early = connect(join(dir, 'control'));
  early.on('error', () => undefined);
  await once(early, 'connect');
  // Answered after the connection before it was taken.
  await egress.open('w-bbbbbb', 'gh-2');
  egress.close('w-bbbbbb');
  process.kill(running(dir)?.pid ?? Number.NaN, 'SIGTERM');
  await until(() => isDeaf(join(dir, 'control')), 'that it takes no word any more');
  early.write('- w-aaaaaa\n');
  await until(() => running(dir) === null, 'the proxy to be gone');
  early.destroy();
});

/** Nobody takes a connection there. */
const isDeaf = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });

test('without a word of a daemon for long it goes, though a worker is there; the next daemon has it again', async () => {
  egress = makeEgress(KEY, [], { unused: 60_000, look: 50, alone: 1_500 });
  const socket = join(await egress.open('w-aaaaaa', 'gh-1'), 's');
  await until(() => running(dir) === null, 'the proxy to be gone');
  egress = makeEgress();
  const stop = egress.keepUp(() => undefined);
  await until(() => running(dir) !== null, 'the next one');
  expect((await ask(socket, '/model/v1')).status).toBe(200);
  stop();
  expect(readdirSync(join(dir, 'known'))).toEqual(['w-aaaaaa']);
});
