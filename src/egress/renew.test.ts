import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createLogins, within } from './renew.ts';

const NOW = 1_800_000_000_000;
const TOKEN = ['oauth', 'token'];

/** A file of logins that runs out at `until`, and a service that renews it. */
async function scene(
  until: number,
  answer: (told: Record<string, string>) => object | null = () => ({ access_token: 'new', refresh_token: 'again-2', expires_in: 3600 }),
) {
  const dir = mkdtempSync(join(tmpdir(), 'tac8-renew-'));
  const told: Record<string, string>[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (piece) => {
      text += String(piece);
    });
    request.on('end', () => {
      told.push(JSON.parse(text));
      const body = answer(told.at(-1) ?? {});
      response.writeHead(body === null ? 400 : 200).end(JSON.stringify(body ?? {}));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    rmSync(dir, { recursive: true });
  });
  const path = join(dir, 'login.json');
  const lock = join(dir, 'lock');
  writeFileSync(path, JSON.stringify({ other: 1, oauth: { token: 'old', again: 'again-1', until, scopes: ['a', 'b'], plan: 'max' } }));
  const at = { token: TOKEN, again: ['oauth', 'again'], until: ['oauth', 'until'], scopes: ['oauth', 'scopes'] };
  const renewal = { to: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`, client: 'a-client', at, lock };
  const logins = createLogins(() => NOW);
  return {
    path,
    lock,
    told,
    ask: async () => within(await logins(path, renewal), TOKEN),
    kept: () => JSON.parse(readFileSync(path, 'utf8')),
  };
}

test('a login that has run out is renewed once for all who ask, and written where it was', async () => {
  const on = await scene(NOW - 1);
  expect(await Promise.all([on.ask(), on.ask(), on.ask()])).toEqual(['new', 'new', 'new']);
  expect(on.told).toEqual([{ grant_type: 'refresh_token', refresh_token: 'again-1', client_id: 'a-client', scope: 'a b' }]);
  expect(on.kept()).toEqual({
    other: 1,
    oauth: { token: 'new', again: 'again-2', until: NOW + 3_600_000, scopes: ['a', 'b'], plan: 'max' },
  });
  expect(statSync(on.path).mode & 0o777).toBe(0o600);
  expect(existsSync(on.lock)).toBe(false);
});

test('one that lasts is left alone', async () => {
  const on = await scene(NOW + 3_600_000);
  expect(await on.ask()).toBe('old');
  expect(on.told).toEqual([]);
});

test('where it is refused, or somebody else renews it, what is there serves, and it is not asked for at once again', async () => {
  const refused = await scene(NOW - 1, () => null);
  expect([await refused.ask(), await refused.ask()]).toEqual(['old', 'old']);
  expect(refused.told).toHaveLength(1);
  expect(refused.kept().oauth.again).toBe('again-1');
  const busy = await scene(NOW - 1);
  mkdirSync(busy.lock);
  utimesSync(busy.lock, NOW / 1000, NOW / 1000);
  expect(await busy.ask()).toBe('old');
  expect(busy.told).toEqual([]);
});

test('a lock that its holder left is taken over', async () => {
  const on = await scene(NOW - 1);
  mkdirSync(on.lock);
  utimesSync(on.lock, NOW / 1000 - 300, NOW / 1000 - 300);
  expect(await on.ask()).toBe('new');
});

test('a person who logs in anew meanwhile keeps that login', async () => {
  const on = await scene(NOW - 1, () => {
    writeFileSync(on.path, JSON.stringify({ oauth: { token: 'of a person', again: 'again-9', until: NOW + 9_000_000 } }));
    return { access_token: 'new', expires_in: 3600 };
  });
  expect(await on.ask()).toBe('of a person');
  expect(on.kept().oauth.again).toBe('again-9');
});
