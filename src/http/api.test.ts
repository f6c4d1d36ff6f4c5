import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { type Answer, type Asking, AUTH, RUN, TOKEN, apiWorld as world } from '../../test/support/world/api-world.ts';
import { NOW } from '../../test/support/world/world.ts';
import { board } from '../api/desk/board.ts';
import { plan } from '../api/desk/plan.ts';
import { setup } from '../api/desk/setup.ts';
import { history, stats, timeline } from '../api/history.ts';
import { ROUTES } from '../api/openapi/routes.ts';
import { failed } from '../api/parts.ts';
import { state } from '../api/state.ts';
import { taskDetail, taskPage, taskRuns } from '../api/task.ts';
import { logHits, step, transcriptHits, transcriptPage } from '../api/transcript.ts';
import { done } from '../api/verbs.ts';

/** The error's code, once its envelope was looked at. */
const codeOf = ({ body }: Answer): string => failed.parse(JSON.parse(body)).error.code;
const post = (body: unknown, headers: Readonly<Record<string, string>> = AUTH): Asking => ({
  method: 'POST',
  headers: { ...headers, 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

test.each<[string, z.ZodType]>([
  ['state', state],
  ['tasks', taskPage],
  ['tasks?state=failed,pending&text=GH-2&limit=1', taskPage],
  ['tasks/gh-1', taskDetail],
  ['timeline?hours=3', timeline],
  ['stats?days=3', stats],
  ['history', history],
  ['tasks/gh-1/runs', taskRuns],
  ['tasks/gh-1/transcript', transcriptPage],
  ['tasks/gh-1/transcript/step?offset=0', step],
  ['tasks/gh-1/transcript/hits?text=run', transcriptHits],
  ['search?text=run&limit=1', logHits],
  ['board', board],
  ['plan', plan],
  ['setup', setup],
])('GET %s answers as the contract has it, no field more', async (path, shape) => {
  const { ask, logs } = await world();
  writeFileSync(join(logs, `gh-1.${RUN}.jsonl`), '{"type":"tac8","event":"run_started","at":1,"run":"w-00000a"}\n');
  const { status, body } = await ask(`/api/v1/${path}`);
  expect(status, body).toBe(200);
  const parsed = shape.parse(JSON.parse(body));
  expect(JSON.parse(body)).toEqual(parsed);
});

test('each answer says how old its facts are', () => {
  const untimed = ROUTES.filter(({ answer }) => answer instanceof z.ZodObject && !('at' in answer.shape));
  // A change has the head of the state that is other now, of which its time always is; a link is no fact, nor is a document or a picture.
  expect(untimed.map(({ path }) => path)).toEqual(['/events', '/repositories/link', '/links']);
  expect(ROUTES.filter(({ answer }) => answer === null).map(({ path }) => path.split('/').at(-1))).toEqual(['picture', 'openapi.json']);
});

test('what is refused as too much at once says so in the same envelope, and when to come again', async () => {
  const { ask } = await world({ saved: () => new Promise(() => undefined) });
  // Four are answered at a time, 64 wait: one more is one too many.
  for (let n = 0; n < 68; n++) ask('/api/v1/tasks/gh-1/saved').catch(() => undefined);
  await expect.poll(async () => (await ask('/api/v1/tasks/gh-1/why')).status).toBe(503);
  const full = await ask('/api/v1/tasks/gh-1/why');
  expect([full.status, codeOf(full), full.headers['retry-after']]).toEqual([503, 'not_now', '1']);
  // What is answered at once goes on.
  expect((await ask('/api/v1/state')).status).toBe(200);
  for (let n = 0; n < 50; n++) await ask('/api/v1/state', { headers: {} });
  const guess = await ask('/api/v1/state', { headers: {} });
  expect([guess.status, codeOf(guess), guess.headers['retry-after']]).toEqual([429, 'too_many', '1']);
});

test('a search over all logs, page by page, finds each step once; of the highest task first, and of it the newest run', async () => {
  const { ask, logs } = await world();
  const line = (words: string) =>
    `${JSON.stringify({ type: 'assistant', message: { id: 'm', content: [{ type: 'text', text: words }] } })}\n`;
  const begun = (at: number) => `${JSON.stringify({ type: 'tac8', event: 'run_started', at, run: 'x' })}\n`;
  writeFileSync(join(logs, 'gh-2.w-000001.jsonl'), begun(1) + line('old needle'));
  writeFileSync(join(logs, 'gh-2.w-000002.jsonl'), begun(2) + line('needle 1') + line('hay') + line('a NEEDLE 2'));
  // The name of the task that several attempts are made at; what a worker has put in the place of its logs.
  symlinkSync('gh-10.w-000003.jsonl', join(logs, 'gh-10.jsonl'));
  symlinkSync('gh-7.codex.w-000004.jsonl', join(logs, 'gh-7.jsonl'));
  symlinkSync('/etc/passwd', join(logs, 'gh-8.w-000005.jsonl'));
  execFileSync('mkfifo', [join(logs, 'gh-9.w-000006.jsonl')]);
  writeFileSync(join(logs, 'gh-7.codex.w-000004.jsonl'), begun(4) + line('needle of a racer'));
  writeFileSync(join(logs, 'gh-10.w-000003.jsonl'), begun(3) + line(`${'x'.repeat(900)} needle ${'y'.repeat(900)}`));
  const found: string[] = [];
  let after = '';
  for (let pages = 0; pages < 9; pages += 1) {
    const { body } = await ask(`/api/v1/search?text=needle&limit=2${after}`);
    const { hits, next } = logHits.parse(JSON.parse(body));
    expect(hits.length).toBeLessThanOrEqual(2);
    for (const hit of hits) {
      expect(hit.line.slice(hit.start, hit.start + hit.length).toLowerCase()).toBe('needle');
      expect(hit.line.length).toBeLessThan(600);
      found.push(`${hit.task} ${hit.run}`);
    }
    if (next === null) break;
    after = `&after=${next}`;
  }
  expect(found).toEqual(['gh-10 w-000003', 'gh-7.codex w-000004', 'gh-2 w-000002', 'gh-2 w-000002', 'gh-2 w-000001']);
  // Under its name stands the log that it leads to, of an attempt at the same task alone.
  const { run, steps } = transcriptPage.parse(JSON.parse((await ask('/api/v1/tasks/gh-7/transcript')).body));
  expect([run, steps.at(-1)?.text]).toEqual(['w-000004', 'needle of a racer']);
  for (const task of ['gh-8', 'gh-9']) expect((await ask(`/api/v1/tasks/${task}/transcript`)).status).toBe(500);
});

test('a transcript is read forward, backward, from its end, from a time, from where a search has found something, and for its errors alone', async () => {
  const { ask, logs } = await world();
  const at = (n: number): string => new Date(NOW + n * 60_000).toISOString();
  const said = (n: number, content: unknown, type = 'assistant') =>
    `${JSON.stringify({ type, timestamp: at(n), message: { id: `m${n}`, content: [content] } })}\n`;
  const words = (n: number) => said(n, { type: 'text', text: `word ${n}` });
  const call = said(4, { type: 'tool_use', id: 'c', name: 'Bash', input: { command: 'npm test' } });
  const red = said(5, { type: 'tool_result', tool_use_id: 'c', is_error: true, content: 'red' }, 'user');
  const lines = [words(0), words(1), words(2), words(3), call, red, words(6), words(7)];
  writeFileSync(join(logs, `gh-1.${RUN}.jsonl`), lines.join(''));
  const read = async (query: string) => transcriptPage.parse(JSON.parse((await ask(`/api/v1/tasks/gh-1/transcript?${query}`)).body));
  const minutes = async (query: string) => (await read(query)).steps.map((one) => (Date.parse(one.at ?? '') - NOW) / 60_000);

  const first = await read('after=0&limit=3');
  expect(await minutes('after=0&limit=3')).toEqual([0, 1, 2]);
  expect(first.before).toBeNull();
  expect(await minutes(`after=${first.after}&limit=2`)).toEqual([3, 4]);
  const last = await read('limit=2');
  expect(await minutes('limit=2')).toEqual([6, 7]);
  expect([last.after, last.size]).toEqual([lines.join('').length, lines.join('').length]);
  expect(await minutes(`before=${last.before}&limit=3`)).toEqual([3, 4, 5]);
  expect(await minutes(`time=${at(6)}`)).toEqual([6, 7]);
  expect(await minutes(`time=${at(99)}`)).toEqual([]);
  expect(await minutes('after=0&errors=1')).toEqual([4, 5]);
  const { hits } = transcriptHits.parse(JSON.parse((await ask('/api/v1/tasks/gh-1/transcript/hits?text=WORD%202')).body));
  expect(hits).toHaveLength(1);
  expect(await minutes(`after=${hits[0]?.offset}&limit=1`)).toEqual([2]);
  expect((await ask('/api/v1/tasks/gh-1/transcript?after=0&before=9')).status).toBe(400);
});

test('what is asked for behind the ? counts', async () => {
  const { ask } = await world();
  const ids = async (query: string) => {
    const { tasks, next } = taskPage.parse(JSON.parse((await ask(`/api/v1/tasks?${query}`)).body));
    return [tasks.map(({ id }) => id), next];
  };
  expect(await ids('')).toEqual([['gh-2', 'gh-1', 'gh-3'], null]);
  expect(await ids('limit=2')).toEqual([['gh-2', 'gh-1'], '2']);
  expect(await ids('limit=2&after=2')).toEqual([['gh-3'], null]);
  expect(await ids('state=pending,failed')).toEqual([['gh-2', 'gh-3'], null]);
  expect(await ids('label=none-such')).toEqual([[], null]);
});

const FOREIGN = { ...AUTH, host: 'evil.example' };
test.each<[string, string, Asking, number, string]>([
  ['no token', '/api/v1/state', { headers: {} }, 401, 'no_token'],
  ['a wrong token', '/api/v1/state', { headers: { authorization: `Bearer ${TOKEN}x` } }, 401, 'no_token'],
  ['a token in the address', `/api/v1/state?token=${TOKEN}`, { headers: {} }, 401, 'no_token'],
  ['another name of this machine (DNS rebinding)', '/api/v1/state', { headers: FOREIGN }, 403, 'forbidden'],
  ['a change from another site', '/api/v1/pause', post({}, { ...AUTH, origin: 'https://evil.example' }), 403, 'forbidden'],
  ['a change from another port', '/api/v1/pause', post({}, { ...AUTH, origin: 'http://127.0.0.1:1' }), 403, 'forbidden'],
  ['a change from a sandboxed frame', '/api/v1/pause', post({}, { ...AUTH, origin: 'null' }), 403, 'forbidden'],
  [
    'an image of another port',
    '/api/v1/state',
    { headers: { ...AUTH, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' } },
    403,
    'forbidden',
  ],
  ['a form', '/api/v1/pause', { method: 'POST', headers: { ...AUTH, 'content-type': 'text/plain' }, body: '{}' }, 400, 'bad_request'],
  ['no JSON', '/api/v1/pause', { ...post({}), body: '{' }, 400, 'bad_request'],
  ['a field that is none', '/api/v1/tasks/gh-1/stop', post({ reason: 'x', force: true }), 400, 'bad_request'],
  ['a priority that is none', '/api/v1/tasks/gh-1/priority', post({ priority: 9 }), 400, 'bad_request'],
  ['an empty message', '/api/v1/tasks/gh-1/tell', post({ text: ' ' }), 400, 'bad_request'],
  ['a path for a task', '/api/v1/tasks/..%2f..%2fetc%2fpasswd/transcript', {}, 400, 'bad_request'],
  ['a path for a task, written twice over', '/api/v1/tasks/%252e%252e%252fetc', {}, 400, 'bad_request'],
  ['a path for a run', '/api/v1/tasks/gh-1/transcript?run=../../x', {}, 400, 'bad_request'],
  ['a path for a place to search on from', '/api/v1/search?text=x&after=../../x', {}, 400, 'bad_request'],
  ['a search for nothing', '/api/v1/search?text=', {}, 400, 'bad_request'],
  ['a snapshot that is none', '/api/v1/tasks/gh-1/restore', post({ ref: 'none' }), 409, 'refused'],
  ['an approval by a worker', '/api/v1/tasks/gh-2/approve', post({}), 403, 'forbidden'],
  ['a stale edit of the board', '/api/v1/board', post({ from: 'x', text: 'stale' }), 409, 'refused'],
  ['an edit of the board with the key of none', '/api/v1/board', post({ from: '', text: '' }, {}), 401, 'no_token'],
  [
    'a change of the board that is none',
    '/api/v1/board/draft',
    post({ from: '', text: '', change: { kind: 'place', line: 1, section: 'active' } }),
    400,
    'bad_request',
  ],
  ['a question that is none', '/api/v1/tasks?stat=failed', {}, 400, 'bad_request'],
  ['a place before the beginning', '/api/v1/tasks/gh-1/transcript?after=-1', {}, 400, 'bad_request'],
  ['a task that is not there', '/api/v1/tasks/gh-77', {}, 404, 'not_found'],
  ['a log that is not there', '/api/v1/tasks/gh-3/transcript', {}, 404, 'not_found'],
  ['work that is not there', '/api/v1/tasks/gh-3/diff', {}, 404, 'not_found'],
  ['a request that is not there', '/api/v1/requests/12', {}, 404, 'not_found'],
  ['an address that is not there', '/api/v1/reload', post({}), 404, 'not_found'],
  ['an order that only a person at the machine gives', '/api/v1/remote/accept', post({}), 404, 'not_found'],
  ['a verb as a question', '/api/v1/tasks/gh-1/stop', {}, 405, 'wrong_method'],
  ['another method', '/api/v1/tasks/gh-1', { method: 'DELETE', headers: AUTH }, 405, 'wrong_method'],
  ['an answer about an edit that is not held', '/api/v1/board/accept', post({ token: 'x' }), 409, 'refused'],
  ['an answer about an edit that it does not name', '/api/v1/board/restore', post({}), 400, 'bad_request'],
  ['what the daemon refuses', '/api/v1/tasks/gh-9/stop', post({}), 409, 'refused'],
  ['a body that is too long', '/api/v1/tasks/gh-1/tell', post({ text: 'x'.repeat(70_000) }), 413, 'too_large'],
])('%s is refused', async (_, path, asking, status, code) => {
  const { ask, store } = await world();
  const answer = await ask(path, asking);
  expect([answer.status, codeOf(answer)]).toEqual([status, code]);
  if (status !== 409) expect(store.answer(1)).toBeNull();
});

test('a browser comes in by a link, once: its cookie reads, with the key it changes; not so on another port', async () => {
  const { ask, server } = await world();
  const link = new URL(server.newLink() ?? '');
  const entered = await ask(`${link.pathname}${link.search}`, {
    headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
  });
  expect(entered.status).toBe(303);
  const [cookie = ''] = (entered.headers['set-cookie']?.[0] ?? '').split(';');
  const key = /^\/#key=([\w-]{43})$/.exec(entered.headers.location ?? '')?.[1] ?? '';
  expect((await ask(`${link.pathname}${link.search}`, { headers: {} })).status).toBe(403);
  expect((await ask('/api/v1/state', { headers: { cookie } })).status).toBe(200);
  expect((await ask('/api/v1/pause', post({}, { cookie }))).status).toBe(403);
  const changed = await ask('/api/v1/pause', post({}, { cookie, 'x-tac8-key': key }));
  expect(done.parse(JSON.parse(changed.body))).toMatchObject({ ok: true, message: 'pause all' });
  const other = await world();
  expect((await other.ask('/api/v1/state', { headers: { cookie } })).status).toBe(401);
});

test('nothing of ours may be framed, guessed at or kept, and no script runs that is not ours', async () => {
  const { ask } = await world();
  for (const path of ['/', '/api/v1/state', '/api/v1/nothing', '/metrics', '/enter?code=x']) {
    const { headers } = await ask(path);
    expect(headers['content-security-policy'], path).toContain("frame-ancestors 'none'");
    expect(headers['content-security-policy'], path).toMatch(/^default-src 'none'/);
    expect(headers['content-security-policy'], path).not.toMatch(/unsafe|\*/);
    expect([headers['x-frame-options'], headers['x-content-type-options'], headers['cross-origin-resource-policy']]).toEqual([
      ...['DENY', 'nosniff', 'same-origin'],
    ]);
    expect(headers['access-control-allow-origin'], path).toBeUndefined();
    expect(headers['cache-control'], path).toBe('no-store');
  }
});

test('an answer that does not come is told as such, and what came of it later', async () => {
  const said: string[] = [];
  const { ask, store } = await world((kept) => ({
    hear: (what, by) => {
      said.push(by);
      return kept.ask({ ...what, at: NOW });
    },
  }));
  const waiting = ask('/api/v1/tasks/gh-1/tell', post({ text: 'Use tabs.' }));
  await expect.poll(() => store.requests()).toMatchObject([{ id: 1, verb: 'tell', task: 'gh-1', args: { text: 'Use tabs.' } }]);
  expect(said).toEqual(['the page’s key, from 127.0.0.1']);
  expect((await ask('/api/v1/requests/1')).status).toBe(202);
  store.commit({ answers: [{ id: 1, at: NOW, ok: true, message: 'told' }] });
  expect(JSON.parse((await waiting).body)).toMatchObject({ ok: true, message: 'told', request: 1 });
  expect(JSON.parse((await ask('/api/v1/requests/1')).body)).toMatchObject({ ok: true, message: 'told' });
  // What is refused later is told as what is refused at once.
  const refused = store.ask({ verb: 'tell', task: 'gh-1', args: {}, at: NOW });
  store.commit({ answers: [{ id: refused, at: NOW, ok: false, message: 'it was not running' }] });
  const later = await ask(`/api/v1/requests/${refused}`);
  expect([later.status, failed.parse(JSON.parse(later.body)).error.message]).toEqual([409, 'it was not running']);
});

test('a fault is an answer that tells nothing of the inside', async () => {
  const { ask, told } = await world({ why: () => Promise.reject(new Error('secret /path')) });
  const answer = await ask('/api/v1/tasks/gh-1/why');
  expect([answer.status, codeOf(answer), answer.body.includes('secret')]).toEqual([500, 'failed', false]);
  expect(told).toEqual([new Error('secret /path')]);
});

test('guesses and changes are bounded, each for itself', async () => {
  const { ask } = await world();
  const statuses = async (n: number, path: string, asking: Asking) =>
    (await Promise.all(Array.from({ length: n }, () => ask(path, asking)))).map(({ status }) => status);
  expect(new Set(await statuses(50, '/api/v1/state', { headers: {} }))).toEqual(new Set([401]));
  expect(new Set(await statuses(5, '/api/v1/state', { headers: {} }))).toEqual(new Set([429]));
  expect((await ask('/api/v1/state')).status).toBe(200);
  const changes = await statuses(70, '/api/v1/pause', post({}));
  // Those that find 32 others at work are told so; none of them is more than 60.
  expect(changes.filter((status) => status === 200).length).toBeLessThanOrEqual(60);
  expect((await ask('/api/v1/pause', post({}))).status).toBe(429);
  expect((await ask('/api/v1/state')).status).toBe(200);
  expect((await ask('/healthz', { headers: {} })).status).toBe(200);
});

test('of a diff one file, or the files alone, are asked for', async () => {
  const asked: unknown[] = [];
  const diff = async (_: unknown, what: unknown) => {
    asked.push(what);
    return null;
  };
  const { ask } = await world({ diff });
  for (const query of ['', '?file=a.ts', '?patch=no']) expect((await ask(`/api/v1/tasks/gh-1/diff${query}`)).status).toBe(404);
  expect(asked).toEqual([
    { file: null, isWhole: true },
    { file: 'a.ts', isWhole: true },
    { file: null, isWhole: false },
  ]);
  expect((await ask('/api/v1/tasks/gh-1/diff?patch=yes')).status).toBe(400);
});
