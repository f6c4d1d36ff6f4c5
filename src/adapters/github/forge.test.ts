import { afterEach, describe, expect, it } from 'vitest';
import { type Got, type Reply, type ScriptedServer, startScripted } from '../../../test/support/forge/scripted-server.ts';
import type { Log } from '../../engine/ports/records/log.ts';
import { createGitHubForge, type GitHubForge } from './forge.ts';

const silent = () => undefined;
const quiet: Log = { debug: silent, info: silent, warn: silent, error: silent };
const signal = new AbortController().signal;
const REPO = { id: 7, name: 'b', owner: { login: 'a' }, default_branch: 'main' };
let server: ScriptedServer;

afterEach(() => server.close());

async function forge(
  answer: (request: Got) => Reply,
  user: Reply = { body: { login: 'me' } },
  pushedTo: { readonly owner: string; readonly name: string } | null = null,
  mayWrite?: () => Promise<void>,
): Promise<GitHubForge> {
  server = await startScripted((request) => {
    if (request.url === '/repos/a/b') return { body: REPO };
    return request.url === '/user' ? user : answer(request);
  });
  return createGitHubForge({
    apiUrl: server.url,
    repo: { owner: 'a', name: 'b' },
    pushedTo: () => pushedTo,
    token: async () => 't',
    log: quiet,
    timeoutMs: 2000,
    retryDelays: [],
    lookDelays: [],
    writeGapMs: 0,
    ...(mayWrite === undefined ? {} : { mayWrite }),
  });
}

const comment = (id: number, body: string, login = 'me', type = 'User') => ({ id, html_url: `u${id}`, body, user: { login, type } });
const pull = (number: number, repo: { id: number; owner: { login: string } } | null) => ({
  id: number,
  number,
  html_url: `p${number}`,
  title: 'T',
  body: null,
  user: null,
  state: 'open',
  merged_at: null,
  base: { ref: 'main' },
  head: { ref: 'x', sha: 'f00', repo },
});

it('looks before a comment in full: a server that wrongly says "not modified" cannot make it miss its own', async () => {
  let posted = false;
  const client = await forge((request) => {
    if (request.headers['if-none-match']) return { status: 304 };
    if (request.method === 'POST') posted = true;
    if (request.method === 'POST') return { status: 201, body: comment(1, 'hi\n\n<!--m-->') };
    return { headers: { etag: '"same"' }, body: posted ? [comment(1, 'hi\n\n<!--m-->')] : [] };
  });
  expect(await client.comment(5, '<!--m-->', 'hi', signal)).toEqual({ url: 'u1', posted: true });
  expect(await client.comment(5, '<!--m-->', 'hi', signal)).toEqual({ url: 'u1', posted: false });
});

it('writes nothing where it may not, whatever it is', async () => {
  const written: string[] = [];
  const answer = ({ method, url }: Got): Reply => {
    if (method !== 'GET' && url !== '/graphql') written.push(`${method} ${url}`);
    if (url === '/graphql') return { body: { data: {} } };
    if (/\/pulls\/3$/.test(url))
      return { body: { ...pull(3, REPO), draft: true, mergeable: true, mergeable_state: 'clean', node_id: 'n', auto_merge: null } };
    if (/\/issues\/(?:5|comments\/9)$/.test(url)) return { body: comment(9, 'before') };
    return { body: [] };
  };
  const client = await forge(answer, undefined, null, () => Promise.reject(new Error('another has the lead')));
  const form = { labels: ['x'], assignees: [], reviewers: [] } as never;
  const wanted = { branch: 'x', base: 'main', title: 'T', body: 'B', draft: true };
  const writes: Record<string, () => Promise<unknown>> = {
    comment: () => client.comment(5, '<!--m-->', 'hi', signal),
    editComment: () => client.editComment(9, 'hi', signal),
    acknowledge: () => client.acknowledge(9, signal),
    markReady: () => client.markReady(3, signal),
    mergeGreen: () => client.mergeGreen(3, 'f00', signal),
    ownIssue: () => client.ownIssue('<!--m-->', 'T', 'B', signal),
    editIssue: () => client.editIssue(5, 'B', 'before', signal),
    rewritePull: () => client.rewritePull(3, 'B', signal),
    dress: () => client.dress(3, form, signal),
    openPull: () => client.openPull(wanted, signal),
  };
  for (const [name, write] of Object.entries(writes)) await expect(write(), name).rejects.toThrow('another has the lead');
  expect(written).toEqual([]);
});

it('looks before a pull in full', async () => {
  let opened = false;
  const client = await forge((request) => {
    if (request.headers['if-none-match']) return { status: 304 };
    if (request.method === 'POST') opened = true;
    if (request.method === 'POST') return { status: 201, body: pull(3, REPO) };
    return { headers: { etag: '"same"' }, body: opened ? [pull(3, REPO)] : [] };
  });
  const wanted = { branch: 'x', base: 'main', title: 'T', body: 'B', draft: true };
  expect(await client.openPull(wanted, signal)).toEqual({ number: 3, url: 'p3' });
  expect(await client.openPull(wanted, signal)).toEqual({ number: 3, url: 'p3' });
  expect(server.got.filter((got) => got.method === 'POST')).toHaveLength(1);
});

it('knows its own among comments of bots where GitHub does not tell the login, as with an App token', async () => {
  const comments = [comment(1, 'copied <!--m-->', 'eve'), comment(2, 'mine <!--m-->', 'tac8[bot]', 'Bot')];
  const client = await forge(() => ({ body: comments }), { status: 403, body: { message: 'Resource not accessible by integration' } });
  expect(await client.login()).toBeNull();
  expect(await client.comment(5, '<!--m-->', 'hi', signal)).toEqual({ url: 'u2', posted: false });
  // It may be another bot's that quotes ours: its words are not changed.
  expect(server.got.filter(({ method }) => method !== 'GET')).toEqual([]);
});

it('gives its own comment the words of now, once', async () => {
  let body = 'not delivered <!--m-->';
  const client = await forge((request) => {
    if (request.method !== 'PATCH') return { body: [comment(1, 'copied <!--m-->', 'eve'), comment(2, body)] };
    body = 'delivered <!--m-->';
    return { body: comment(2, body) };
  });
  expect(await client.comment(5, '<!--m-->', 'delivered <!--m-->', signal)).toEqual({ url: 'u2', posted: false });
  expect(await client.comment(5, '<!--m-->', 'delivered <!--m-->', signal)).toEqual({ url: 'u2', posted: false });
  expect(server.got.flatMap(({ method, url }) => (method === 'GET' ? [] : [`${method} ${url}`]))).toEqual([
    'PATCH /repos/a/b/issues/comments/2',
  ]);
});

it('takes a pull from a fork of the same owner, or from a deleted fork, for nobody of ours', async () => {
  const client = await forge(() => ({ body: [pull(1, { id: 8, owner: { login: 'a' } }), pull(2, null), pull(3, REPO)] }));
  expect((await client.pullsOf('x', signal)).map((one) => one.number)).toEqual([3]);
  expect((await client.openPulls(signal)).map((one) => one.head.owner)).toEqual(['a', null, 'a']);
});

it('asks who it is and what the repository is once', async () => {
  const client = await forge(() => ({ body: [] }));
  await client.openPulls(signal);
  await client.openPulls(signal);
  await client.login();
  await client.login();
  expect(server.got.map((got) => got.url.split('?')[0])).toEqual(['/repos/a/b', '/repos/a/b/pulls', '/repos/a/b/pulls', '/user']);
});

it('an issue that was moved to another repository is none here', async () => {
  const moved = {
    id: 1,
    number: 5,
    title: 'T',
    body: null,
    state: 'open',
    user: null,
    labels: ['x', { name: 'y' }],
    html_url: 'h',
    created_at: '2026-11-22T10:00:00Z',
    updated_at: '2026-11-22T10:00:00Z',
  };
  let home = 'other/place';
  const client = await forge((request) =>
    request.url === '/repos/a/b/issues/5'
      ? { status: 301, headers: { location: '/repositories/9/issues/5' } }
      : { body: { ...moved, repository_url: `${server.url}/repos/${home}` } },
  );
  expect(await client.issue(5, signal)).toBeNull();
  home = 'A/B';
  expect(await client.issue(5, signal)).toMatchObject({ number: 5, labels: ['x', 'y'], body: '', author: null });
});

describe('the branch of a pull', () => {
  const REPOS: Readonly<Record<string, unknown>> = {
    '/repos/me/b': { ...REPO, id: 8, owner: { login: 'me' } },
    '/repos/a/b-fork': { ...REPO, id: 9, name: 'b-fork' },
    '/repos/before/b': REPO,
  };
  it.each([
    ['a fork', { owner: 'me', name: 'b' }, { head: 'me:x' }, 8, 'me'],
    ['a fork of the same owner', { owner: 'a', name: 'b-fork' }, { head: 'a:x', head_repo: 'b-fork' }, 9, 'a'],
    ['the repository by a former name', { owner: 'before', name: 'b' }, { head: 'x' }, 7, 'a'],
    ['the repository, written otherwise', { owner: 'A', name: 'B' }, { head: 'x' }, 7, 'a'],
    ['an address that names no repository', null, { head: 'x' }, 7, 'a'],
  ])('is in %s', async (_, pushedTo, said, id, owner) => {
    let sent: Record<string, unknown> = {};
    const looked: string[] = [];
    const client = await forge(
      (request) => {
        const repo = REPOS[request.url];
        if (repo !== undefined) return { body: repo };
        if (request.method === 'POST') {
          sent = JSON.parse(request.body) as Record<string, unknown>;
          return { status: 201, body: pull(2, { id, owner: { login: owner } }) };
        }
        looked.push(new URL(request.url, server.url).searchParams.get('head') ?? '');
        // Another repository of that owner has a pull from a branch of that name.
        return { body: [pull(1, { id: 99, owner: { login: owner } })] };
      },
      undefined,
      pushedTo,
    );
    expect(await client.openPull({ branch: 'x', base: 'main', title: 'T', body: '', draft: true }, signal)).toEqual({
      number: 2,
      url: 'p2',
    });
    expect(looked).toEqual([`${owner}:x`]);
    expect(Object.fromEntries(Object.entries(sent).filter(([key]) => key.startsWith('head')))).toEqual(said);
  });
});
