import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { type Got, type Reply, type ScriptedServer, startScripted } from '../../../../test/support/forge/scripted-server.ts';
import type { Log } from '../../../engine/ports/records/log.ts';
import { createApi } from './api.ts';
import { listAll } from './list.ts';

const silent = () => undefined;
const quiet: Log = { debug: silent, info: silent, warn: silent, error: silent };
const entry = z.object({ id: z.number() });
let server: ScriptedServer;

afterEach(() => server.close());

async function list(answer: (request: Got, count: number) => Reply): Promise<number[]> {
  server = await startScripted(answer);
  const api = createApi({ apiUrl: server.url, token: async () => 't', log: quiet, timeoutMs: 2000, retryDelays: [0], now: () => 0 });
  const out = api.endpoint('GET /repos/{owner}/{repo}/issues', { owner: 'a', repo: 'b', labels: 'area:docs', per_page: 100 });
  return (await listAll(api, out, entry, { signal: new AbortController().signal })).map((one) => one.id);
}

/** Serves `issues` two to a page under GitHub's kind of link, with tags. */
function paged(request: Got, issues: readonly number[], label = 'area:docs'): Reply {
  const page = Number(new URL(request.url, server.url).searchParams.get('page') ?? 1);
  const body = issues.slice(2 * (page - 1), 2 * page).map((id) => ({ id }));
  const etag = `"${JSON.stringify(body)}"`;
  if (request.headers['if-none-match'] === etag) return { status: 304 };
  const link = `<${server.url}/repositories/7/issues?labels=${label}&page=${page + 1}>; rel="next"`;
  return { headers: { etag, ...(2 * page < issues.length ? { link } : {}) }, body };
}

it('follows the links as they stand, to the end', async () => {
  expect(await list((request) => paged(request, [1, 2, 3, 4, 5]))).toEqual([1, 2, 3, 4, 5]);
  const asked = server.got.map((got) => decodeURIComponent(got.url));
  expect(asked.slice(0, 3)).toEqual([
    '/repos/a/b/issues?labels=area:docs&per_page=100',
    '/repositories/7/issues?labels=area:docs&page=2',
    '/repositories/7/issues?labels=area:docs&page=3',
  ]);
});

it('asks once when there is one page', async () => {
  expect(await list((request) => paged(request, [1, 2]))).toEqual([1, 2]);
  expect(server.got).toHaveLength(1);
});

it('reads anew when something left page 1 while page 2 was read: nothing is missed', async () => {
  // 1 is closed right after page 1 was served, so that 3 slips from page 2 into page 1.
  expect(await list((request, n) => paged(request, n === 1 ? [1, 2, 3, 4] : [2, 3, 4]))).toEqual([2, 3, 4]);
});

it('throws when the list never stands still', async () => {
  await expect(list((request, n) => paged(request, [n, n + 1, n + 2, n + 3]))).rejects.toMatchObject({
    sort: 'retryable',
    message: expect.stringContaining('changed'),
  });
});

it('throws when a page fails: half a list is no list', async () => {
  await expect(list((request, n) => (n >= 2 ? { status: 502 } : paged(request, [1, 2, 3])))).rejects.toMatchObject({
    sort: 'retryable',
    status: 502,
  });
});

it('throws when a page is cut short', async () => {
  await expect(
    list((request, n) => (n >= 2 ? { ...paged(request, [1, 2, 3]), fault: 'cut' } : paged(request, [1, 2, 3]))),
  ).rejects.toMatchObject({ sort: 'retryable' });
});

it('throws when the links go round in a circle', async () => {
  const circle = () => ({ headers: { link: `<${server.url}/repositories/7/issues?page=2>; rel="next"` }, body: [{ id: 1 }] });
  await expect(list(circle)).rejects.toMatchObject({ message: expect.stringContaining('no end after 2 pages') });
});
