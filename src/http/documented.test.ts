import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { AUTH, apiWorld, daemonFact, RUN, TOKEN } from '../../test/support/world/api-world.ts';
import { NOW } from '../../test/support/world/world.ts';
import { ROUTES, type Route } from '../api/openapi/routes.ts';
import { failed } from '../api/parts.ts';

/* Each address of the OpenAPI document, asked as it is documented: it answers with what the document says, and refuses as the document says. */

const AT = new Date(NOW).toISOString();
const PNG = Buffer.alloc(64);
Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]).copy(PNG);
PNG.writeUInt32BE(3, 16);
PNG.writeUInt32BE(2, 20);
const image = { type: 'image', source: { media_type: 'image/png', data: PNG.toString('base64') } };
const LINES = [
  { type: 'tac8', event: 'run_started', at: 1, run: RUN },
  { type: 'assistant', message: { id: 'm', content: [{ type: 'tool_use', id: 'c', name: 'Read', input: { file_path: 'a.png' } }] } },
  { type: 'user', message: { content: [{ type: 'tool_result', tool_use_id: 'c', is_error: false, content: [image] }] } },
].map((line) => `${JSON.stringify(line)}\n`);
const PICTURE = (LINES[0]?.length ?? 0) + (LINES[1]?.length ?? 0);
const EDIT = { from: '', text: '' };

/** What is asked of each: behind its path, or as its body. */
const ASKED: Readonly<Record<string, { readonly query?: string; readonly body?: unknown }>> = {
  'get /tasks/{task}/transcript/step': { query: '?offset=0' },
  'get /tasks/{task}/transcript/hits': { query: '?text=run' },
  'get /tasks/{task}/transcript/picture': { query: `?offset=${PICTURE}` },
  'get /search': { query: '?text=run' },
  'post /board/draft': { body: EDIT },
  'post /board': { body: EDIT },
  'post /board/accept': { body: { token: 'held' } },
  'post /board/restore': { body: { token: 'held' } },
  'post /tasks': { body: { title: 'New' } },
  'post /tasks/{task}/priority': { body: { priority: 1 } },
  'post /tasks/{task}/tell': { body: { text: 'Use tabs.' } },
  'post /tasks/{task}/preview': { body: { port: 5173 } },
  'post /repositories/link': { body: { root: '/known' } },
};

/** A daemon that has something for everybody who asks. */
async function world() {
  const server = createServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sockets: Socket[] = [];
  const dial = async (): Promise<Socket> => {
    const socket = connect((server.address() as { port: number }).port, '127.0.0.1');
    sockets.push(socket);
    return socket;
  };
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const from = { kind: 'branch', name: 'auto/gh-1', at: null } as const;
  const made = await apiWorld((store) => ({
    inside: { refusal: () => null, dial },
    diff: async (task) => ({ at: AT, task, from, base: 'b', files: [], patch: '', cut: false, inside: [] }),
    why: async (task) => ({ at: AT, task, state: 'active', sentence: 'It runs.', since: AT, gates: [], next: 'It ends.', history: [] }),
    hear: (said) => {
      const id = store.ask({ ...said, at: NOW });
      store.commit({ answers: [{ id, at: NOW, ok: true, message: said.verb }] });
      return id;
    },
  }));
  writeFileSync(join(made.logs, `gh-1.${RUN}.jsonl`), LINES.join(''));
  made.store.commit({
    facts: { daemon: daemonFact({ held: { kind: 'empty', message: 'tasks.md is empty', hint: '', token: 'held' } }) },
    answers: [{ id: made.store.ask({ verb: 'pause', task: null, args: {}, at: NOW }), at: NOW, ok: true, message: 'paused' }],
  });
  return made;
}

const nameOf = ({ method, path }: Route): string => `${method} ${path}`;
const pathOf = ({ path }: Route): string => `/api/v1${path.replace('{task}', 'gh-1').replace('{id}', '1')}`;
const optionsOf = ({ method, body }: Route, sent: unknown) =>
  method === 'get'
    ? {}
    : {
        method: 'POST',
        headers: { ...AUTH, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(sent ?? {}) }),
      };

/** The status, the type and the first event of a stream. */
function streamed(port: number, path: string): Promise<readonly [number, string, string]> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers: AUTH, agent: false }, (answer) => {
      answer.once('data', (bytes: Buffer) => {
        resolve([answer.statusCode ?? 0, answer.headers['content-type'] ?? '', bytes.toString()]);
        asked.destroy();
      });
      answer.on('error', () => undefined);
    });
    asked.on('error', reject).end();
  });
}

test.each(
  ROUTES.map((route) => [nameOf(route), route] as const),
)('%s is answered as documented, and refused without a token', async (name, route) => {
  const { ask, server, store } = await world();
  const { query = '', body } = ASKED[name] ?? {};
  const path = `${pathOf(route)}${query}`;
  const stranger = await ask(path, { ...optionsOf(route, body), headers: { 'content-type': 'application/json' } });
  expect([stranger.status, failed.parse(JSON.parse(stranger.body)).error.code]).toEqual([401, 'no_token']);
  if (route.stream === true) {
    expect(await streamed(server.port, path)).toEqual([200, 'text/event-stream; charset=utf-8', expect.stringMatching(/^retry: /)]);
    return;
  }
  const before = store.requests().length;
  const answer = await ask(path, optionsOf(route, body));
  expect(answer.status, answer.body).toBe(200);
  expect(store.requests()).toHaveLength(before);
  if (route.answer === null) return;
  const given: unknown = JSON.parse(answer.body);
  expect(given).toEqual(route.answer.parse(given));
  expect(answer.body).not.toContain(TOKEN);
});

test('what an address does not take is refused at each of them: a field, a question, a task that is a path, another method', async () => {
  const { ask } = await world();
  const refusals: Record<string, readonly (readonly [string, number, string])[]> = {};
  for (const route of ROUTES) {
    const { query = '', body } = ASKED[nameOf(route)] ?? {};
    const path = pathOf(route);
    const tried: (readonly [string, number, string])[] = [];
    const refused = async (what: string, at: string, options: object): Promise<void> => {
      const { status, body: text } = await ask(at, options);
      tried.push([what, status, failed.safeParse(JSON.parse(text)).data?.error.code ?? 'nothing']);
    };
    await refused('method', path, { method: 'PUT', headers: AUTH });
    if (route.path.includes('{task}')) await refused('path', `${path.replace('gh-1', '..%2f..%2fx')}${query}`, optionsOf(route, body));
    if (route.body !== undefined) await refused('field', path, optionsOf(route, { ...(body as object), no_such: 1 }));
    if (route.method === 'get' && !route.path.includes('{') && route.answer !== null && route.stream !== true)
      await refused('question', `${path}${query === '' ? '?' : `${query}&`}no_such=1`, {});
    refusals[nameOf(route)] = tried;
  }
  const expected = {
    method: [405, 'wrong_method'],
    path: [400, 'bad_request'],
    field: [400, 'bad_request'],
    question: [400, 'bad_request'],
  };
  for (const [name, tried] of Object.entries(refusals))
    for (const [what, status, code] of tried)
      expect([name, what, status, code]).toEqual([name, what, ...expected[what as keyof typeof expected]]);
});
