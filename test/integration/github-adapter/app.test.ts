import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AppDesk, openAppDesk } from '../../../src/adapters/github/app/desk.ts';
import { type AppKey, keepAppKey, readAppKey } from '../../../src/adapters/github/app/key.ts';
import { type AppTokensOptions, createAppTokens } from '../../../src/adapters/github/app/tokens.ts';
import { clickThrough } from '../../support/forge/make-app.ts';
import { LABEL, quiet, signal, useGitHub } from './world.ts';

const world = useGitHub();
const repo = { owner: 'acme', name: 'widgets' };
const HOUR = 3_600_000;
const DAY_ONE = Date.parse('2026-11-30T00:00:00Z');
/** GitHub's clock and this machine's, apart where a test wants it. */
let [theirs, ours] = [DAY_ONE, DAY_ONE];
let keys: string;
let desk: AppDesk | null = null;

beforeEach(async () => {
  [theirs, ours] = [DAY_ONE, DAY_ONE];
  keys = await mkdtemp(join(tmpdir(), 'tac8-apps-'));
  await world.start({ clock: () => theirs });
});
afterEach(async () => {
  await desk?.close();
  desk = null;
  await rm(keys, { recursive: true, force: true });
});

async function open(): Promise<AppDesk> {
  const { url } = world.github;
  const fileOf = (id: number): string => join(keys, `${id}.json`);
  const one = { apiUrl: url, site: new URL(url), repo, organisation: null, webhook: null, fileOf, log: quiet, timeoutMs: 10_000 };
  desk = await openAppDesk({ ...one, now: () => ours, askEvery: 10 });
  return desk;
}

async function makeApp(): Promise<AppKey> {
  const { link, made, installed } = await open();
  await clickThrough(link);
  await installed;
  return made;
}

const tokensOf = (key: AppKey, more: Partial<AppTokensOptions> = {}) =>
  createAppTokens({ apiUrl: world.github.url, repo, key: async () => key, log: quiet, timeoutMs: 10_000, now: () => ours, ...more });
const given = () => world.requests('POST', /access_tokens$/);
const pass = (ms: number): void => {
  theirs += ms;
  ours += ms;
};

test('a person at a browser makes it and installs it; its key is kept for this person alone, and all work is done as it', async () => {
  const key = await makeApp();
  expect(key).toMatchObject({ slug: 'tac8-acme-widgets', webhookSecret: expect.stringMatching(/^\w{20,}$/) });
  expect(await readdir(keys)).toEqual([`${key.id}.json`]);
  expect((await stat(join(keys, `${key.id}.json`))).mode & 0o777).toBe(0o600);
  expect(await readAppKey(join(keys, `${key.id}.json`), key.id)).toEqual(key);

  const app = tokensOf(key);
  const forge = world.connect({ token: app.token, login: app.login });
  const number = world.github.createIssue('alice', { title: 'One', labels: [LABEL] });
  await world.branch('auto/gh-1');
  expect(await forge.login()).toBe('tac8-acme-widgets[bot]');
  expect(await forge.issues(LABEL, signal)).toHaveLength(1);
  expect(await forge.trigger(number, LABEL, signal)).toMatchObject({ allowed: true });
  await forge.comment(number, '<!-- m -->', 'Hello', signal);
  // It knows its own comment again.
  expect(await forge.comment(number, '<!-- m -->', 'Hello', signal)).toMatchObject({ posted: false });
  const pull = await forge.openPull({ branch: 'auto/gh-1', base: 'main', title: 'T', body: 'B', draft: true }, signal);
  await forge.look({ pulls: [pull.number], base: 'main' }, signal);
  const commit = world.github.state.issues.find((one) => one.pull !== null)?.pull?.head.sha ?? '';
  expect(await forge.checks(commit, signal)).toBeDefined();
  expect(await forge.failures(commit, signal)).toEqual([]);
  expect(world.github.state.comments.map(({ author }) => author)).toEqual(['tac8-acme-widgets[bot]']);
});

test('its tokens are for this repository and the rights that tac8 needs, and the next is there before the hour is over', async () => {
  const app = tokensOf(await makeApp());
  const first = await app.token();
  const before = given().length;
  pass(49 * 60_000);
  expect(await app.token()).toBe(first);
  pass(2 * 60_000);
  const [second, shared] = await Promise.all([app.token(), app.token()]);
  expect(second).not.toBe(first);
  expect(shared).toBe(second);
  expect(given()).toHaveLength(before + 1);
  const { request } = given().at(-1) ?? {};
  expect(request).toMatchObject({
    repository_ids: [world.github.state.repo.id],
    permissions: {
      ...{ contents: 'write', issues: 'write', pull_requests: 'write' },
      ...{ checks: 'read', statuses: 'read', actions: 'read', metadata: 'read' },
    },
  });
  // The old one is over when its hour is.
  pass(10 * 60_000);
  const old = world.connect({ token: async () => first });
  await expect(old.defaultBranch()).rejects.toMatchObject({ status: 401 });
});

test('where no new token is to be had the last one serves while it is good; one that is refused is not asked with again', async () => {
  const app = tokensOf(await makeApp());
  const first = await app.token();
  pass(55 * 60_000);
  world.github.faults.add({ match: { path: '/access_tokens' }, kind: 'status', status: 500, times: null });
  expect(await app.token()).toBe(first);
  pass(4.5 * 60_000);
  await expect(app.token()).rejects.toMatchObject({ sort: 'retryable' });
  world.github.faults.remove();
  const second = await app.token();
  const forge = world.connect({ token: app.token, login: app.login, refused: app.forget });
  expect(await forge.defaultBranch()).toBe('main');
  for (const one of world.github.state.apps ?? []) one.tokens = [];
  const number = world.github.createIssue('alice', { title: 'One', labels: [LABEL] });
  await expect(forge.issue(number, signal)).rejects.toMatchObject({ status: 401 });
  expect(await forge.issue(number, signal)).toMatchObject({ number });
  expect(await app.token()).not.toBe(second);
});

test('a clock that is hours off, and a repository that was renamed, are no hindrance', async () => {
  const key = await makeApp();
  ours -= 5 * HOUR;
  await expect(tokensOf(key).token()).resolves.toMatch(/^ghs_/);
  ours += 9 * HOUR;
  world.github.rename('gadgets');
  await expect(tokensOf(key).token()).resolves.toMatch(/^ghs_/);
});

test('what any program of this machine may say to the page ends nothing', async () => {
  const { link } = await open();
  const { port, origin } = new URL(link);
  for (const target of ['//', '/\\', 'http://', '*', '/%zz']) {
    const socket = connect(Number(port), '127.0.0.1');
    socket.end(`GET ${target} HTTP/1.1\r\nhost: desk\r\nconnection: close\r\n\r\n`);
    expect([target, /^HTTP\/1\.1 4\d\d /.test(await text(socket))]).toEqual([target, true]);
  }
  // As many characters as the right word has, and more bytes.
  expect((await fetch(`${link}/made?code=x&state=${'é'.repeat(32)}`)).status).toBe(403);
  expect((await fetch(`${origin}/`)).status).toBe(404);
  await clickThrough(link);
});

test('what is wrong is said by name', async () => {
  const { link, made } = await open();
  // The first two clicks: it is made, and installed nowhere.
  await expect(fetch(`${new URL(link).origin}/made?code=x`).then(({ status }) => status)).resolves.toBe(404);
  await expect(fetch(`${link}/made?code=x&state=forged`).then(({ status }) => status)).resolves.toBe(403);
  const half = clickThrough(link).catch(() => undefined);
  const key = await made;
  await half;
  for (const one of world.github.state.apps ?? []) one.installation = null;
  await expect(tokensOf(key).token()).rejects.toMatchObject({
    message: 'the GitHub App tac8-acme-widgets is not installed on acme/widgets',
    hint: expect.stringContaining('/apps/tac8-acme-widgets/installations/new'),
  });
  const encoding = { type: 'pkcs1', format: 'pem' } as const;
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: encoding, publicKeyEncoding: encoding });
  const other = { ...key, pem: pair.privateKey };
  await expect(tokensOf(other).token()).rejects.toMatchObject({ message: 'GitHub refuses the key of the App tac8-acme-widgets' });

  const file = join(keys, 'one.json');
  await expect(readAppKey(file, key.id)).rejects.toMatchObject({ message: expect.stringContaining('is not there to read') });
  await keepAppKey(file, key);
  await expect(readAppKey(file, key.id + 1)).rejects.toMatchObject({ message: expect.stringContaining('is not the key of GitHub App') });
  await chmod(file, 0o644);
  await expect(readAppKey(file, key.id)).rejects.toMatchObject({ hint: `chmod 600 ${file}` });
  expect(await readFile(file, 'utf8')).toContain('PRIVATE KEY');
});
