import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Listener, startListener } from '../../../test/support/forge/listener.ts';
import type { Channel } from '../../core/alerts/channel.ts';
import type { Notice } from '../../core/model/alert.ts';
import type { Notifier } from '../../engine/ports/outside/notifier.ts';
import { createNotifier } from './notifier.ts';

const NOTICE: Notice = {
  id: 'failed:gh-5@1000/fired',
  event: 'fired',
  rule: 'failed',
  task: 'gh-5',
  text: 'gh-5 (<!channel> @everyone *bold* & <b>) failed for good: stalled: no output',
  hint: 'Raise `limits.silence`.',
  at: 61_000,
  since: 1_000,
};
const NEVER = new AbortController().signal;

async function listener(): Promise<Listener> {
  const found = await startListener();
  onTestFinished(() => found.close());
  return found;
}

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'tac8-notify-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}

const notifierFor = (channel: object, env: Record<string, string> = {}, root = '/'): Notifier =>
  createNotifier({
    settings: () => ({ channels: [{ name: 'it', rules: null, timeLimit: 5_000, ...channel } as Channel], ping: null }),
    origin: { repo: 'acme/wïdgets', host: 'pi' },
    root,
    env,
  });

test('Slack: its own text, in which nobody can be addressed', async () => {
  const { url, heard } = await listener();
  expect(await notifierFor({ kind: 'slack', url: { env: 'HOOK' } }, { HOOK: `${url}/services/T/B/x` }).tell('it', NOTICE, NEVER)).toBe(
    '200 ok',
  );
  expect(heard[0]).toMatchObject({ method: 'POST', path: '/services/T/B/x', headers: { 'content-type': 'application/json' } });
  expect(JSON.parse(heard[0]?.body ?? '')).toEqual({
    text: '🔴 *tac8 acme/wïdgets* gh-5 (&lt;!channel&gt; @everyone *bold* &amp; &lt;b&gt;) failed for good: stalled: no output\nRaise `limits.silence`.',
  });
});

test('Discord: a 204 is an answer; nobody is mentioned', async () => {
  const { url, heard, answer } = await listener();
  answer({ status: 204 });
  const long = { ...NOTICE, text: 'x'.repeat(3_000) };
  expect(await notifierFor({ kind: 'discord', url: { value: url } }).tell('it', long, NEVER)).toBe('204');
  const sent = JSON.parse(heard[0]?.body ?? '') as { content: string; allowed_mentions: unknown };
  expect(sent.content.length).toBe(2_000);
  expect(sent.allowed_mentions).toEqual({ parse: [] });
  await notifierFor({ kind: 'discord', url: { value: url } }).tell('it', NOTICE, NEVER);
  expect((JSON.parse(heard[1]?.body ?? '') as { content: string }).content).toContain('\\@everyone \\*bold\\*');
});

test('ntfy: words in the body, the rest in headers that any server takes', async () => {
  const { url, heard } = await listener();
  const cleared = { ...NOTICE, event: 'cleared', hint: '' } as const;
  await notifierFor({ kind: 'ntfy', url: { value: `${url}/topic` }, token: { env: 'TK' } }, { TK: 's3cret' }).tell('it', cleared, NEVER);
  expect(heard[0]).toMatchObject({
    path: '/topic',
    headers: { title: 'tac8 acme/w?dgets: failed', priority: '2', tags: 'white_check_mark', authorization: 'Bearer s3cret' },
    body: `Over, after 1 m: ${NOTICE.text}`,
  });
});

test('a webhook: all fields, and a key by which a repeat is known', async () => {
  const { url, heard } = await listener();
  await notifierFor({ kind: 'webhook', url: { value: url }, token: null }).tell('it', NOTICE, NEVER);
  expect(heard[0]?.headers['idempotency-key']).toBe(NOTICE.id);
  const { id, event, rule, task, text, hint } = NOTICE;
  expect(JSON.parse(heard[0]?.body ?? '')).toEqual({
    ...{ id, event, rule, task, text, hint, repo: 'acme/wïdgets', host: 'pi' },
    at: '1970-01-01T00:01:01.000Z',
    since: '1970-01-01T00:00:01.000Z',
  });
});

test('what is no 2xx is a failure that shows the answer, and never the address', async () => {
  const { url, answer } = await listener();
  const tell = () => notifierFor({ kind: 'slack', url: { value: `${url}/s3cret` } }).tell('it', NOTICE, NEVER);
  answer({ status: 404, body: 'no_service' });
  await expect(tell()).rejects.toThrow(`${new URL(url).host} answered 404 no_service`);
  answer({ status: 302, headers: { location: url } });
  await expect(tell()).rejects.toThrow('302');
  answer({ status: 429, headers: { 'retry-after': '30' } });
  const before = Date.now();
  const refused = await tell().catch((error: unknown) => error as { sort: string; until: number; message: string });
  expect(refused).toMatchObject({ sort: 'limited' });
  expect((refused as { until: number }).until).toBeGreaterThanOrEqual(before + 30_000);
  expect((refused as { message: string }).message).not.toContain('s3cret');
});

test('one that does not answer is given up after its time; one that is not there at once', async () => {
  const { url, answer, close } = await listener();
  answer('hang');
  const notifier = notifierFor({ kind: 'slack', url: { value: url }, timeLimit: 200 });
  await expect(notifier.tell('it', NOTICE, NEVER)).rejects.toThrow('did not answer: it took too long');
  await close();
  await expect(notifier.tell('it', NOTICE, NEVER)).rejects.toThrow('ECONNREFUSED');
});

test('a name in the environment that is not set is said', async () => {
  await expect(notifierFor({ kind: 'slack', url: { env: 'NOT_SET' } }).tell('it', NOTICE, NEVER)).rejects.toThrow('NOT_SET is not set');
});

test('a command gets the document on stdin, in the root, and an environment from nothing', async () => {
  const root = folder();
  writeFileSync(join(root, 'tell.sh'), 'cat > got.json; env > env.txt; echo "told  it"; echo "all $1"');
  const env = { PATH: process.env.PATH ?? '', GITHUB_TOKEN: 'ghp', PAGER_KEY: 'k' };
  const channel = { kind: 'command', command: ['/bin/sh', 'tell.sh', '$(id)'], env: ['PAGER_KEY'] };
  expect(await notifierFor(channel, env, root).tell('it', NOTICE, NEVER)).toBe('told it all $(id)');
  expect(JSON.parse(readFileSync(join(root, 'got.json'), 'utf8'))).toMatchObject({ id: NOTICE.id, event: 'fired' });
  const names = readFileSync(join(root, 'env.txt'), 'utf8')
    .split('\n')
    .map((line) => line.split('=')[0]);
  expect(names).toContain('PAGER_KEY');
  expect(names).not.toContain('GITHUB_TOKEN');
});

test('a command that fails, reads nothing, hangs with a child, or is not there', async () => {
  const root = folder();
  const tell = (...command: string[]) =>
    notifierFor({ kind: 'command', command, env: [], timeLimit: 300 }, {}, root).tell('it', NOTICE, NEVER);
  await expect(tell('/bin/sh', '-c', 'echo no >&2; exit 3')).rejects.toThrow('/bin/sh ended with 3: no');
  expect(await tell('/bin/true')).toBe('');
  await expect(tell('/no/such')).rejects.toThrow('/no/such cannot be started');
  const before = performance.now();
  await expect(tell('/bin/sh', '-c', 'setsid sleep 30 & echo $! > child; sleep 30')).rejects.toThrow('took longer than 0.3 s');
  expect(performance.now() - before).toBeLessThan(10_000);
  process.kill(Number(readFileSync(join(root, 'child'), 'utf8')), 'SIGKILL');
});

test('a channel that is there no more, and rules that somebody does not want', async () => {
  const notifier = notifierFor({ kind: 'slack', url: { value: 'http://127.0.0.1:1' }, rules: ['failed'] });
  expect(await notifier.tell('other', NOTICE, NEVER)).toContain('no such channel');
  expect([notifier.channelsFor('failed'), notifier.channelsFor('disk')]).toEqual([['it'], []]);
});
