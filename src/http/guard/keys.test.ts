import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CODE_LIVES, createKeys, pageToken, readPageToken } from './keys.ts';

const TOKEN = 'a'.repeat(43);
/** From where users cannot be told. */
const AFAR = (): null => null;
const NOTHING = { authorization: null, cookie: null, key: null };
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'keys-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
};

test('the token is kept, and its owner’s alone', () => {
  const state = folder();
  const token = pageToken(state);
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(statSync(join(state, 'page-token')).mode & 0o777).toBe(0o600);
  expect(pageToken(state)).toBe(token);
});

test.each<[string, (path: string) => void]>([
  ['others can read', (path) => chmodSync(path, 0o644)],
  ['somebody wrote', (path) => writeFileSync(path, 'guessed\n')],
  [
    'is a link',
    (path) => {
      rmSync(path);
      symlinkSync('/etc/passwd', path);
    },
  ],
])('a file that %s is no token: another one is made', (_, spoil) => {
  const state = folder();
  const token = pageToken(state);
  spoil(join(state, 'page-token'));
  expect(readPageToken(state)).toBeNull();
  const other = pageToken(state);
  expect(other).not.toBe(token);
  expect(readFileSync(join(state, 'page-token'), 'utf8')).toBe(`${other}\n`);
  expect(readFileSync('/etc/passwd', 'utf8')).not.toContain(other);
});

test('a link lets in once, and not for long; the cookie reads, with the key it changes', () => {
  const keys = createKeys(TOKEN, null, 4780);
  const code = keys.newCode(1_000);
  const entered = keys.enter(code, 2_000, AFAR);
  expect(entered?.cookie).toMatch(/^tac8-4780=any\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
  expect(keys.enter(code, 2_000, AFAR)).toBeNull();
  expect(keys.enter(keys.newCode(1_000), 1_001 + CODE_LIVES, AFAR)).toBeNull();
  expect(keys.enter('', 0, AFAR)).toBeNull();
  const cookie = `other=1; ${entered?.cookie.split(';')[0]}`;
  const key = entered?.key ?? '';
  expect(keys.right({ ...NOTHING, cookie }, AFAR)).toBe('read');
  expect(keys.right({ ...NOTHING, cookie, key }, AFAR)).toBe('change');
  expect(keys.right({ ...NOTHING, cookie, key: `${key}x` }, AFAR)).toBe('read');
  expect(keys.right({ ...NOTHING, key }, AFAR)).toBeNull();
  expect(`${cookie} ${key}`).not.toContain(TOKEN);
});

test('the token is for programs; of a wrong one no cookie helps; a further one may be set', () => {
  const keys = createKeys(TOKEN, 'set', 4780);
  const cookie = keys.enter(keys.newCode(0), 0, AFAR)?.cookie.split(';')[0] ?? '';
  for (const [authorization, right] of [
    [`Bearer ${TOKEN}`, 'change'],
    ['Bearer set', 'change'],
    ['Bearer ', null],
    [TOKEN, null],
    ['Bearer nothing', null],
  ] as const)
    expect(keys.right({ ...NOTHING, cookie, authorization }, AFAR), authorization).toBe(right);
  expect(createKeys(TOKEN, null, 1).right({ ...NOTHING, authorization: 'Bearer ' }, AFAR)).toBeNull();
});

test('a cookie of another port or another token is none', () => {
  const cookieOf = (token: string, port: number): string => {
    const keys = createKeys(token, null, port);
    return keys.enter(keys.newCode(0), 0, AFAR)?.cookie.split(';')[0] ?? '';
  };
  const keys = createKeys(TOKEN, null, 4780);
  expect(keys.right({ ...NOTHING, cookie: cookieOf(TOKEN, 4780) }, AFAR)).toBe('read');
  for (const cookie of [
    cookieOf(TOKEN, 4781),
    cookieOf(TOKEN, 4781).replace('4781', '4780'),
    cookieOf('b'.repeat(43), 4780),
    'tac8-4780=',
    '',
  ])
    expect(keys.right({ ...NOTHING, cookie }, AFAR), cookie).toBeNull();
});

test('links that nobody uses make room for others', () => {
  const keys = createKeys(TOKEN, null, 1);
  const first = keys.newCode(0);
  const later = Array.from({ length: 32 }, () => keys.newCode(0));
  expect(keys.enter(first, 0, AFAR)).toBeNull();
  expect(later.every((code) => keys.enter(code, 0, AFAR) !== null)).toBe(true);
});

test('a cookie is good for the user alone whose browser came in, and the kernel is asked for one that is right so far', () => {
  const keys = createKeys(TOKEN, null, 4780);
  const asked: number[] = [];
  const user = (number: number | null) => () => {
    if (number !== null) asked.push(number);
    return number;
  };
  const entered = keys.enter(keys.newCode(0), 0, user(1000));
  const cookie = entered?.cookie.split(';')[0] ?? '';
  expect(cookie).toMatch(/^tac8-4780=1000\./);
  const sent = { ...NOTHING, cookie };
  expect(keys.right(sent, user(1000))).toBe('read');
  for (const other of [1001, 0, null]) {
    expect(keys.right(sent, user(other)), String(other)).toBeNull();
    expect(keys.right({ ...sent, key: entered?.key ?? '' }, user(other)), String(other)).toBeNull();
  }
  // Whose it is cannot be written into it by hand.
  asked.length = 0;
  for (const owner of ['1001', 'any', ''])
    expect(keys.right({ ...sent, cookie: cookie.replace('1000', owner) }, user(1001)), owner).toBeNull();
  expect(asked).toEqual([]);
});
