import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Got, type Reply, type ScriptedServer, startScripted } from '../../../../test/support/forge/scripted-server.ts';
import type { Log } from '../../../engine/ports/records/log.ts';
import { type Api, createApi } from './api.ts';

const silent = () => undefined;
const quiet: Log = { debug: silent, info: silent, warn: silent, error: silent };
const never = new AbortController().signal;
const shape = z.object({ id: z.number() });
let server: ScriptedServer;
let now = 1_700_000_000_000;

afterEach(() => server.close());

async function api(
  answer: (request: Got, count: number) => Reply,
  more: { token?: () => Promise<string | null>; timeoutMs?: number } = {},
): Promise<Api> {
  server = await startScripted(answer);
  return createApi({
    apiUrl: server.url,
    token: more.token ?? (async () => 'ghp_test'),
    log: quiet,
    timeoutMs: more.timeoutMs ?? 2000,
    retryDelays: [0, 0],
    now: () => now,
  });
}

const read = (client: Api) =>
  client.read(client.endpoint('GET /repos/{owner}/{repo}', { owner: 'a', repo: 'b' }), shape, { signal: never });
const create = (client: Api) =>
  client.create(
    client.endpoint('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', { owner: 'a', repo: 'b', issue_number: 1, body: 'hi' }),
    shape,
    never,
  );

describe('a request', () => {
  it('bears the token, the version and our name', async () => {
    await read(await api(() => ({ body: { id: 1 } })));
    expect(server.got[0]?.headers).toMatchObject({
      authorization: 'Bearer ghp_test',
      'x-github-api-version': '2022-11-28',
      accept: 'application/vnd.github.v3+json',
      'user-agent': expect.stringMatching(/^tac8 /),
    });
  });

  it('goes without a login when there is no token', async () => {
    await read(await api(() => ({ body: { id: 1 } }), { token: async () => null }));
    expect(server.got[0]?.headers.authorization).toBeUndefined();
  });
});

describe('reading', () => {
  it.each(['hang', 'hangup', 'cut', 'stall'] as const)('tries again after %s, each time with a time limit of its own', async (fault) => {
    const client = await api((_, n) => (n < 3 ? { fault, body: { id: 7, text: 'x'.repeat(999) } } : { body: { id: 7 } }), {
      timeoutMs: 500,
    });
    await expect(read(client)).resolves.toMatchObject({ value: { id: 7 } });
    expect(server.got).toHaveLength(3);
  });

  it('tries again after 502 with a page of HTML, then gives up and says what came', async () => {
    const client = await api(() => ({ status: 502, headers: { 'content-type': 'text/html' }, body: '<html><h1>Unicorn!</h1></html>' }));
    await expect(read(client)).rejects.toMatchObject({
      sort: 'retryable',
      status: 502,
      message: 'GET /repos/a/b: GitHub answered 502 Unicorn!',
    });
    expect(server.got).toHaveLength(3);
  });

  it('says that a body that stops half-way ran out of time, not that it is malformed', async () => {
    const client = await api(() => ({ fault: 'stall', body: { id: 7, text: 'x'.repeat(999) } }), { timeoutMs: 100 });
    await expect(read(client)).rejects.toThrow('GET /repos/a/b: no complete answer within 100 ms');
  });

  it('takes no answer of another shape', async () => {
    const client = await api(() => ({ body: { id: 'seven' } }));
    await expect(read(client)).rejects.toMatchObject({ sort: 'retryable', message: expect.stringContaining('(id: ') });
  });

  it('ends at once when the caller leaves', async () => {
    const client = await api(() => ({ fault: 'hang' }), { timeoutMs: 60_000 });
    const leave = new AbortController();
    const reading = client.read(client.endpoint('GET /user'), shape, { signal: leave.signal });
    await expect.poll(() => server.got.length).toBe(1);
    leave.abort();
    await expect(reading).rejects.toMatchObject({ sort: 'retryable', message: expect.stringContaining('caller is leaving') });
    expect(server.got).toHaveLength(1);
  });

  it('says that the server cannot be reached', async () => {
    const client = await api(() => ({}));
    await server.close();
    await expect(read(client)).rejects.toMatchObject({ sort: 'retryable', status: null, message: expect.stringContaining('ECONNREFUSED') });
    server = await startScripted(() => ({}));
  });

  it('keeps what it read and asks only whether it has changed', async () => {
    const client = await api((request, n) =>
      request.headers['if-none-match'] === '"v1"' && n < 3 ? { status: 304 } : { headers: { etag: `"v${n}"` }, body: { id: n } },
    );
    expect([await read(client), await read(client), await read(client)].map((page) => page.value.id)).toEqual([1, 1, 3]);
    await client.read(client.endpoint('GET /repos/{owner}/{repo}', { owner: 'a', repo: 'b' }), shape, { signal: never, fresh: true });
    expect(server.got.map((got) => got.headers['if-none-match'])).toEqual([undefined, '"v1"', '"v1"', undefined]);
  });

  it('is not fooled by a 304 to a question without a tag', async () => {
    await expect(read(await api(() => ({ status: 304 })))).rejects.toMatchObject({ sort: 'retryable', status: 304 });
  });
});

describe('redirects', () => {
  it('keep the method: a POST that meets a 301 stays a POST', async () => {
    const client = await api((request) =>
      request.url.startsWith('/repos/')
        ? { status: 301, headers: { location: '/repositories/7/comments' } }
        : { status: request.method === 'POST' ? 201 : 200, body: { id: 9 } },
    );
    let moves = 0;
    client.onMoved(() => {
      moves += 1;
    });
    await expect(create(client)).resolves.toEqual({ id: 9 });
    expect(server.got.map((got) => `${got.method} ${got.url} ${got.body}`)).toEqual([
      'POST /repos/a/b/issues/1/comments {"body":"hi"}',
      'POST /repositories/7/comments {"body":"hi"}',
    ]);
    expect(moves).toBe(1);
  });

  it('never carry the token to another server', async () => {
    const other = await startScripted(() => ({ body: { id: 1 } }));
    const client = await api(() => ({ status: 301, headers: { location: `${other.url}/repos/a/b` } }));
    await expect(read(client)).rejects.toMatchObject({ sort: 'terminal', hint: expect.stringContaining('github.api_url') });
    expect(other.got).toHaveLength(0);
    await other.close();
  });

  it('end', async () => {
    const client = await api(() => ({ status: 307, headers: { location: '/round' } }));
    await expect(read(client)).rejects.toMatchObject({ sort: 'terminal', message: expect.stringContaining('redirects') });
  });
});

describe('making', () => {
  it.each([
    [{ fault: 'hang' }],
    [{ fault: 'hangup' }],
    [{ fault: 'cut', status: 201, body: { id: 1, x: 'x'.repeat(99) } }],
    [{ status: 502 }],
    [{ status: 200, body: { id: 1 } }],
    [{ status: 201, body: {} }],
  ] as [Reply][])('sends once and reports %j as not known', async (reply) => {
    const client = await api(() => reply, { timeoutMs: 150 });
    await expect(create(client)).rejects.toMatchObject({ sort: 'retryable' });
    expect(server.got).toHaveLength(1);
  });
});

describe('refusals are sorted', () => {
  it.each([
    [401, {}, 'Bad credentials', 'terminal', /gh auth login/],
    [403, { 'x-accepted-github-permissions': 'issues=write' }, 'Resource not accessible by integration', 'terminal', /issues=write/],
    [403, {}, 'Repository was archived so is read-only.', 'terminal', /until somebody unarchives it/],
    [403, {}, 'Unable to create comment because issue is locked.', 'terminal', /conversation is locked/],
    [403, { 'x-github-sso': 'required; url=https://github.com/orgs/a/sso' }, 'SAML', 'terminal', /orgs\/a\/sso/],
    [404, {}, 'Not Found', 'terminal', /check `repo`/],
    [410, {}, 'Issues are disabled for this repo', 'terminal', /switched off/],
    [422, {}, 'Validation Failed', 'terminal', /its message says why/],
    [451, {}, 'DMCA', 'terminal', /legal/],
    [400, {}, 'unknown version', 'terminal', /github.api_url/],
    [418, {}, 'teapot', 'unknown', /does not know this answer/],
    [500, {}, 'oops', 'retryable', /asks again/],
  ] as const)('%i %j', async (status, headers, message, sort, hint) => {
    const client = await api(() => ({ status, headers, body: { message } }));
    await expect(create(client)).rejects.toMatchObject({
      sort,
      status,
      message: expect.stringContaining(`${status} ${message}`),
      hint: expect.stringMatching(hint),
    });
    expect(server.got).toHaveLength(1);
  });

  it('shows what GitHub lists under errors', async () => {
    const errors = [{ message: 'No commits between main and x' }, { field: 'head', code: 'invalid' }, 'plain'];
    const client = await api(() => ({ status: 422, body: { message: 'Validation Failed', errors } }));
    await expect(create(client)).rejects.toThrow('422 Validation Failed: No commits between main and x: head invalid: plain');
  });

  it('never shows the token', async () => {
    const client = await api(() => ({ status: 401, body: { message: 'Bad credentials' } }));
    const error = await read(client).catch((thrown: unknown) => thrown);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('ghp_test');
  });
});

describe('limits', () => {
  const base = 1_700_000_000_000;
  const limit = (headers: Record<string, string>, status = 403): Reply => ({
    status,
    headers,
    body: { message: 'You have exceeded a secondary rate limit' },
  });

  it.each([
    ['retry-after in seconds', limit({ 'retry-after': '30', 'x-ratelimit-remaining': '10', 'x-ratelimit-reset': '1700003600' }), 30_000],
    ['the reset of an exhausted hour', limit({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1700000600' }, 429), 600_000],
    ['a minute where no time is named', limit({ 'x-ratelimit-remaining': '10', 'x-ratelimit-reset': '1700003600' }), 60_000],
    ['a minute for a bare 429', { status: 429 }, 60_000],
    ['a day for a header gone mad', limit({ 'retry-after': '999999999' }), 86_400_000],
  ] as [string, Reply, number][])('%s', async (_, reply, wait) => {
    now = base;
    const headers = { date: new Date(base).toUTCString(), ...reply.headers };
    const client = await api((_request, n) => (n === 1 ? { ...reply, headers } : { body: { id: n } }));
    await expect(read(client)).rejects.toMatchObject({ sort: 'limited', until: base + wait });
    await expect(create(client)).rejects.toMatchObject({ sort: 'limited', until: base + wait });
    expect(server.got).toHaveLength(1);
    expect(client.limits()).toMatchObject({ until: base + wait, at: base });
    now = base + wait;
    await expect(read(client)).resolves.toMatchObject({ value: { id: 2 } });
  });

  it('say what the requests of the hour were spent on', async () => {
    now = base;
    const client = await api((_, n) => (n < 2 ? { body: { id: n } } : limit({ 'retry-after': '30' })));
    await expect(read(client).then(() => read(client))).rejects.toThrow(/secondary rate limit; this process asked for \d+ \w+/);
  });

  it('are counted by our clock although the server has another', async () => {
    now = base;
    const headers = {
      date: new Date(base + 7_200_000).toUTCString(),
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String((base + 7_230_000) / 1000),
    };
    await expect(read(await api(() => limit(headers)))).rejects.toMatchObject({ until: base + 30_000 });
  });

  it('grow while GitHub repeats itself without naming a time, and start anew after a good answer', async () => {
    now = base;
    const client = await api((_, n) => (n === 4 ? { body: { id: 1 } } : limit({})));
    const waits: number[] = [];
    for (let n = 1; n <= 5; n += 1) {
      const before = now;
      const until = await read(client).then(
        () => null,
        (error: { until: number }) => error.until,
      );
      if (until !== null) {
        waits.push(until - before);
        now = until;
      }
    }
    expect(waits).toEqual([60_000, 120_000, 240_000, 60_000]);
  });

  it('hold back requests as soon as the last permitted one is spent', async () => {
    now = base;
    const headers = {
      date: new Date(base).toUTCString(),
      'x-ratelimit-limit': '60',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': '1700000600',
    };
    const client = await api(() => ({ headers, body: { id: 1 } }));
    await read(client);
    await expect(read(client)).rejects.toMatchObject({
      sort: 'limited',
      message: expect.stringContaining('all 60 requests of this hour are used up'),
    });
    expect(client.limits()).toEqual({
      limit: 60,
      remaining: 0,
      resetAt: base + 600_000,
      until: base + 600_000,
      because: 'all 60 requests of this hour are used up',
      at: base,
    });
  });

  it('belong to the token: another token is not held back', async () => {
    now = base;
    let token = 'one';
    const client = await api(
      (request) => (request.headers.authorization === 'Bearer one' ? limit({ 'retry-after': '60' }) : { body: { id: 1 } }),
      {
        token: async () => token,
      },
    );
    await expect(read(client)).rejects.toMatchObject({ sort: 'limited' });
    token = 'two';
    await expect(read(client)).resolves.toMatchObject({ value: { id: 1 } });
  });
});
