import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { type Got, type Reply, type ScriptedServer, startScripted } from '../../../../test/support/forge/scripted-server.ts';
import type { Log } from '../../../engine/ports/records/log.ts';
import { type Api, createApi } from './api.ts';
import { fromTheEnd, listAll } from './list.ts';
import type { Outgoing } from './wire.ts';

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

/** Lists that grow at their end, two to a page, read by one daemon again and again. */
async function growing(
  lengths: readonly number[],
  read: (api: Api, out: Outgoing) => Promise<readonly number[]>,
): Promise<(readonly number[])[]> {
  let length = 0;
  server = await startScripted((request) => {
    const at = new URL(request.url, server.url);
    const page = Number(at.searchParams.get('page') ?? 1);
    const pages = Math.max(1, Math.ceil(length / 2));
    const body = Array.from({ length: Math.max(0, Math.min(2, length - 2 * (page - 1))) }, (_, n) => ({ id: 2 * (page - 1) + n + 1 }));
    const etag = `"${JSON.stringify(body)}"`;
    if (request.headers['if-none-match'] === etag) return { status: 304 };
    const to = (n: number, rel: string): string => `<${server.url}/repositories/7/issues?per_page=2&page=${n}>; rel="${rel}"`;
    const link = [...(page < pages ? [to(page + 1, 'next'), to(pages, 'last')] : []), ...(page > 1 ? [to(page - 1, 'prev')] : [])].join(
      ', ',
    );
    return { headers: { etag, ...(link === '' ? {} : { link }) }, body };
  });
  const api = createApi({ apiUrl: server.url, token: async () => 't', log: quiet, timeoutMs: 2000, retryDelays: [0], now: () => 0 });
  const out = api.endpoint('GET /repos/{owner}/{repo}/issues', { owner: 'a', repo: 'b', per_page: 2 });
  const seen: (readonly number[])[] = [];
  for (length of lengths) seen.push(await read(api, out));
  return seen;
}

const upTo = (length: number): number[] => Array.from({ length }, (_, n) => n + 1);
const LENGTHS = [0, 1, 2, 3, 2, 3, 4, 5, 6, 7, 4, 6];

it('sees what stands behind a page that was the last one and full, though the server says of that page that nothing has changed', async () => {
  const signal = new AbortController().signal;
  const seen = await growing(LENGTHS, async (api, out) => (await listAll(api, out, entry, { signal })).map(({ id }) => id));
  expect(seen).toEqual(LENGTHS.map(upTo));
});

it('sees the newest of a list whose first page names the end of before', async () => {
  const signal = new AbortController().signal;
  const seen = await growing(LENGTHS, async (api, out) => {
    const found: number[] = [];
    await fromTheEnd(api, out, entry, { signal }, (entries) => {
      found.push(...entries.map(({ id }) => id));
      return true;
    });
    return found;
  });
  expect(seen).toEqual(LENGTHS.map((length) => upTo(length).toReversed()));
});

it('asks for nothing in full but a last page that is full', async () => {
  const signal = new AbortController().signal;
  await growing([5, 5, 6, 6], async (api, out) => (await listAll(api, out, entry, { signal })).map(({ id }) => id));
  const inFull = server.got.filter(({ headers }) => headers['if-none-match'] === undefined).map(({ url }) => url.replace(/.*\?/, ''));
  expect(inFull).toEqual(['per_page=2', 'per_page=2&page=2', 'per_page=2&page=3', 'per_page=2&page=3']);
});
