import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTES } from '../../src/forge-fake/rest/api.ts';
import { appRoutes, installationRoute } from '../../src/forge-fake/rest/routes-apps.ts';
import { type FakeGitHub, startFakeGitHub } from '../../src/forge-fake/server.ts';
import { runGit } from '../../src/forge-fake/state/git.ts';
import type { Contract } from '../support/forge/openapi.ts';
import { contractOf, createRecorder, type Recorder } from './recorder.ts';

/*
 * Every kind of answer that the fake GitHub gives, against GitHub's own description of its API.
 */

const users = [
  { login: 'ana', role: 'admin' },
  { login: 'wil', role: 'write' },
  { login: 'tri', role: 'triage', roleName: 'sorter' },
  { login: 'rea', role: 'read' },
  { login: 'fay', role: 'none' },
] as const;
const R = '/repos/acme/widgets';

let dir: string;
let fake: FakeGitHub;
let contract: Contract;
let recorder: Recorder;

/** A branch with one commit of its own, made in the bare repository. */
async function branch(name: string, bare = fake.bare): Promise<string> {
  const commit = `commit refs/heads/${name}\ncommitter T <t@t> 1700000000 +0000\ndata 1\nx\nfrom refs/heads/main^0\n`;
  await runGit(bare, ['fast-import', '--quiet'], `${commit}M 100644 inline ${name}\ndata 1\nx\n`);
  return (await runGit(bare, ['rev-parse', name])).out.trim();
}

beforeAll(async () => {
  contract = contractOf();
  dir = await mkdtemp(join(tmpdir(), 'tac8-contract-'));
  fake = await startFakeGitHub({ dir, repo: { owner: 'acme', name: 'widgets' }, files: { 'README.md': 'Hi\n' }, users });
  recorder = createRecorder(fake, contract);
});

afterAll(async () => {
  await fake?.close();
  if (dir !== undefined) await rm(dir, { recursive: true, force: true });
});

describe('what the fake GitHub answers fits the description', () => {
  it('for the root, people, limits and the repository', async () => {
    await recorder.expect(200, 'GET', '/');
    await recorder.expect(200, 'GET', '/user');
    await recorder.expect(401, 'GET', '/user', { as: null });
    await recorder.expect(401, 'GET', '/user', { headers: { authorization: 'Bearer nonsense' } });
    await recorder.expect(200, 'GET', '/users/wil');
    await recorder.expect(404, 'GET', '/users/nobody');
    await recorder.expect(200, 'GET', '/rate_limit');
    await recorder.expect(200, 'GET', R);
    await recorder.expect(200, 'GET', R, { as: null });
    await recorder.expect(404, 'GET', '/repos/acme/other');
    await recorder.expect(200, 'GET', `${R}/git/ref/heads/main`);
    await recorder.expect(404, 'GET', `${R}/git/ref/heads/none`);
    const head = (await runGit(fake.bare, ['rev-parse', 'main'])).out.trim();
    await recorder.expect(201, 'POST', `${R}/git/refs`, { body: { ref: 'refs/tac8/x', sha: head } });
    await recorder.expect(422, 'POST', `${R}/git/refs`, { body: { ref: 'refs/tac8/y', sha: '0'.repeat(40) } });
    await branch('gone');
    await recorder.expect(204, 'DELETE', `${R}/git/refs/heads/gone`);
    await recorder.expect(422, 'DELETE', `${R}/git/refs/heads/gone`);
    const { headers } = await recorder.expect(200, 'GET', '/user');
    const same = await recorder.expect(304, 'GET', '/user', { headers: { 'if-none-match': String(headers.etag) } });
    expect(same.body).toBeUndefined();
  });

  it('for permissions of every role', async () => {
    const words: Record<string, unknown> = {};
    for (const { login } of users) {
      const { body } = await recorder.expect(200, 'GET', `${R}/collaborators/${login}/permission`);
      const { permission, role_name } = body as Record<string, string>;
      words[login] = `${permission} ${role_name}`;
    }
    expect(words).toEqual({ ana: 'admin admin', wil: 'write write', tri: 'read sorter', rea: 'read read', fay: 'read read' });
    await recorder.expect(404, 'GET', `${R}/collaborators/nobody/permission`);
    await recorder.expect(403, 'GET', `${R}/collaborators/ana/permission`, { as: 'rea' });
    await recorder.expect(401, 'GET', `${R}/collaborators/ana/permission`, { as: null });
  });

  it('for issues, their labels, comments and events', async () => {
    await recorder.expect(200, 'GET', `${R}/issues`);
    const made = await recorder.expect(201, 'POST', `${R}/issues`, {
      body: { title: 'One "q" 💡', body: 'b', labels: ['rpi-auto', { name: 'a b' }] },
    });
    expect(made.headers.location).toBe(`${fake.url}${R}/issues/1`);
    await recorder.expect(201, 'POST', `${R}/issues`, { as: 'rea', body: { title: 'Two', labels: ['rpi-auto'] } });
    await recorder.expect(200, 'GET', `${R}/issues?state=all&labels=rpi-auto,a%20b&sort=created&direction=asc&per_page=100`);
    await recorder.expect(200, 'GET', `${R}/issues/1`);
    await recorder.expect(200, 'PATCH', `${R}/issues/1`, { body: { title: 'Another', body: null } });
    await recorder.expect(200, 'PATCH', `${R}/issues/1`, { body: { state: 'closed', state_reason: 'not_planned' } });
    await recorder.expect(200, 'PATCH', `${R}/issues/1`, { body: { state: 'open', labels: ['x', 'rpi-auto'] } });
    await recorder.expect(200, 'GET', `${R}/issues/1/labels`);
    for (const labels of [['y'], ['z']]) await recorder.expect(200, 'POST', `${R}/issues/1/labels`, { body: { labels } });
    await recorder.expect(200, 'DELETE', `${R}/issues/1/labels/z`);
    await recorder.expect(200, 'PUT', `${R}/issues/1/labels`, { body: { labels: ['rpi-auto'] } });
    await recorder.expect(201, 'POST', `${R}/issues/1/assignees`, { body: { assignees: ['wil', 'nobody'] } });
    const { id } = (await recorder.expect(201, 'POST', `${R}/issues/1/comments`, { body: { body: 'Hello' } })).body as { id: number };
    for (const path of ['1/comments', `comments/${id}`]) await recorder.expect(200, 'GET', `${R}/issues/${path}`);
    await recorder.expect(200, 'PATCH', `${R}/issues/comments/${id}`, { body: { body: 'Hello!' } });
    await recorder.expect(200, 'GET', `${R}/issues/comments?sort=updated&direction=desc&since=2020-01-01T00:00:00Z`);
    await recorder.expect(201, 'POST', `${R}/issues/comments/${id}/reactions`, { body: { content: 'eyes' } });
    await recorder.expect(200, 'GET', `${R}/issues/1/events`);
    await recorder.expect(200, 'GET', `${R}/issues/1/timeline`);
    await recorder.expect(204, 'DELETE', `${R}/issues/comments/${id}`);
  });

  it('for what is refused about issues', async () => {
    await recorder.expect(401, 'POST', `${R}/issues`, { as: null, body: { title: 'x' } });
    await recorder.expect(422, 'POST', `${R}/issues`, { body: {} });
    await recorder.expect(422, 'POST', `${R}/issues`, { body: { title: 7 } });
    await recorder.expect(422, 'POST', `${R}/issues`, { body: { title: 'x'.repeat(257) } });
    await recorder.expect(400, 'POST', `${R}/issues`, { body: '{"title":' });
    await recorder.expect(404, 'GET', `${R}/issues/999`);
    await recorder.expect(404, 'GET', `${R}/issues/999/comments`);
    await recorder.expect(404, 'POST', `${R}/issues/999/comments`, { body: { body: 'x' } });
    await recorder.expect(422, 'POST', `${R}/issues/1/comments`, { body: { body: '' } });
    await recorder.expect(422, 'POST', `${R}/issues/1/comments`, { body: { body: 'x'.repeat(65_537) } });
    await recorder.expect(403, 'PATCH', `${R}/issues/1`, { as: 'rea', body: { state: 'closed' } });
    await recorder.expect(403, 'POST', `${R}/issues/1/labels`, { as: 'rea', body: { labels: ['x'] } });
    await recorder.expect(404, 'DELETE', `${R}/issues/1/labels/never`);
    await recorder.expect(422, 'GET', `${R}/issues?state=nonsense`);
  });

  it("for the repository's labels", async () => {
    await recorder.expect(201, 'POST', `${R}/labels`, { body: { name: 'bug fix', color: 'ff0000', description: 'Wrong' } });
    await recorder.expect(422, 'POST', `${R}/labels`, { body: { name: 'BUG fix' } });
    await recorder.expect(200, 'GET', `${R}/labels`);
    await recorder.expect(200, 'GET', `${R}/labels/bug%20fix`);
    await recorder.expect(404, 'GET', `${R}/labels/none`);
  });

  it('for pulls, from this repository and a fork', async () => {
    await branch('auto/one');
    const create = { title: 'P', head: 'auto/one', base: 'main', body: 'Closes #2', draft: true };
    const { body } = await recorder.expect(201, 'POST', `${R}/pulls`, { body: create });
    const { number } = body as { number: number };
    await recorder.expect(200, 'GET', `${R}/pulls?state=all&head=acme:auto/one&per_page=100`);
    const first = await recorder.expect(200, 'GET', `${R}/pulls/${number}`);
    const second = await recorder.expect(200, 'GET', `${R}/pulls/${number}`);
    expect([first, second].map((one) => (one.body as { mergeable: unknown }).mergeable)).toEqual([null, true]);
    const ask = `${R}/pulls/${number}/requested_reviewers`;
    await recorder.expect(201, 'POST', ask, { body: { reviewers: ['tri'], team_reviewers: ['core'] } });
    await recorder.expect(422, 'POST', ask, { body: { reviewers: ['fay'] } });
    for (const path of [`/${number}`, '']) await recorder.expect(200, 'GET', `${R}/issues${path}`);
    const notes = [{ path: 'auto/one', line: 1, body: 'Here.' }];
    fake.review('wil', number, { state: 'CHANGES_REQUESTED', body: 'No.', notes });
    for (const what of ['reviews', 'comments']) await recorder.expect(200, 'GET', `${R}/pulls/${number}/${what}`);
    await recorder.expect(404, 'GET', `${R}/pulls/${number}/merge`);
    await recorder.expect(405, 'PUT', `${R}/pulls/${number}/merge`, { body: {} });
    fake.markReady(number);
    await recorder.expect(409, 'PUT', `${R}/pulls/${number}/merge`, { body: { sha: '0'.repeat(40) } });
    await recorder.expect(403, 'PUT', `${R}/pulls/${number}/merge`, { as: 'rea', body: {} });
    await recorder.expect(200, 'PUT', `${R}/pulls/${number}/merge`, { body: {} });
    await recorder.expect(204, 'GET', `${R}/pulls/${number}/merge`);
    await recorder.expect(200, 'GET', `${R}/pulls/${number}`);
    await recorder.expect(422, 'PATCH', `${R}/pulls/${number}`, { body: { state: 'open' } });
    await recorder.expect(200, 'GET', `${R}/issues/${number}/timeline`);
  });

  it('for pulls from a fork, also when it is deleted', async () => {
    await fake.fork('fay');
    await recorder.expect(200, 'GET', '/repos/fay/widgets');
    await branch('side', join(dir, 'git', 'fay', `${fake.state.repo.id}.git`));
    const empty = await recorder.expect(422, 'POST', `${R}/pulls`, { as: 'fay', body: { title: 'F', head: 'fay:main', base: 'main' } });
    expect(JSON.stringify(empty.body)).toContain('No commits between main and fay:main');
    const { body } = await recorder.expect(201, 'POST', `${R}/pulls`, { as: 'fay', body: { title: 'F', head: 'fay:side', base: 'main' } });
    const { number } = body as { number: number };
    await recorder.expect(200, 'GET', `${R}/pulls?head=fay:side`);
    fake.deleteFork('fay');
    const beyond = /^body\/head\/repo must be object/;
    const orphan = await recorder.expect(200, 'GET', `${R}/pulls/${number}`, { beyond });
    expect(orphan.body).toMatchObject({ state: 'open', head: { label: 'fay:side', repo: null } });
    await recorder.expect(200, 'PATCH', `${R}/pulls/${number}`, { body: { state: 'closed' }, beyond });
  });

  it('for events and texts of a deleted account', async () => {
    fake.addUser({ login: 'bye', role: 'write' });
    const number = fake.createIssue('bye', { title: 'Mine', labels: ['rpi-auto'] });
    fake.deleteUser('bye');
    const { body } = await recorder.expect(200, 'GET', `${R}/issues/${number}`);
    expect(body).toMatchObject({ user: { login: 'ghost' } });
    const events = await recorder.expect(200, 'GET', `${R}/issues/${number}/events`, {
      beyond: /^body\/0(\/actor must be object| must match)|^body\/0 must have required property/,
    });
    expect(events.body).toMatchObject([{ event: 'labeled', actor: null }]);
  });

  it('for what is refused about pulls, and a pull that is changed', async () => {
    await branch('two');
    const pull = { title: 'T', head: 'two', base: 'main' };
    const { body } = await recorder.expect(201, 'POST', `${R}/pulls`, { as: 'wil', body: pull });
    const again = await recorder.expect(422, 'POST', `${R}/pulls`, { body: pull });
    expect(JSON.stringify(again.body)).toContain('A pull request already exists for acme:two.');
    await recorder.expect(422, 'POST', `${R}/pulls`, { body: { ...pull, head: 'main' } });
    await recorder.expect(422, 'POST', `${R}/pulls`, { body: { ...pull, head: 'none' } });
    await recorder.expect(422, 'POST', `${R}/pulls`, { body: { ...pull, head: 'nobody:two' } });
    await recorder.expect(422, 'POST', `${R}/pulls`, { body: { ...pull, base: 'none' } });
    await recorder.expect(422, 'POST', `${R}/pulls`, { body: { title: 'x' } });
    await recorder.expect(403, 'POST', `${R}/pulls`, { as: 'rea', body: pull });
    await recorder.expect(401, 'POST', `${R}/pulls`, { as: null, body: pull });
    await recorder.expect(404, 'GET', `${R}/pulls/1`);
    const { number } = body as { number: number };
    await recorder.expect(200, 'PATCH', `${R}/pulls/${number}`, { body: { title: 'New', body: 'b', state: 'closed' } });
    await recorder.expect(200, 'PATCH', `${R}/pulls/${number}`, { body: { state: 'open' } });
    await recorder.expect(403, 'PATCH', `${R}/pulls/${number}`, { as: 'rea', body: { state: 'closed' } });
  });

  it('for statuses and check runs', async () => {
    const sha = await branch('three');
    await recorder.expect(200, 'GET', `${R}/commits/${sha}/status`);
    await recorder.expect(201, 'POST', `${R}/statuses/${sha}`, { body: { state: 'success', context: 'ci' } });
    await recorder.expect(200, 'GET', `${R}/commits/three/status`);
    const failed = { name: 'test', head_sha: sha, status: 'completed', conclusion: 'failure' };
    await recorder.expect(201, 'POST', `${R}/check-runs`, { body: failed });
    await recorder.expect(201, 'POST', `${R}/check-runs`, { body: { name: 'lint', head_sha: sha } });
    await recorder.expect(200, 'GET', `${R}/commits/${sha}/check-runs`);
    await recorder.expect(200, 'GET', `${R}/commits/${sha}/check-runs?status=completed`);
    await recorder.expect(404, 'GET', `${R}/commits/none/check-runs`);
    await recorder.expect(201, 'POST', `${R}/statuses/${sha}`, { body: { state: 'pending', context: 'docs' } });
    for (const path of ['check-runs', 'status']) {
      const first = await recorder.expect(200, 'GET', `${R}/commits/${sha}/${path}?per_page=1`);
      const next = /<([^>]*)>; rel="next"/.exec(String(first.headers.link))?.[1] ?? '';
      const second = await recorder.expect(200, 'GET', next);
      for (const { body } of [first, second]) expect(body).toMatchObject({ total_count: 2 });
    }
    const pull = fake.state.issues.find((issue) => issue.pull !== null)?.number ?? 0;
    fake.setCheck(pull, { name: 'build', conclusion: 'failure', log: 'it broke' });
    const log = await recorder.expect(302, 'GET', `${R}/actions/jobs/${fake.state.checkRuns.at(-1)?.id}/logs`);
    expect(new URL(String(log.headers.location)).host).not.toBe(new URL(fake.url).host);
  });

  it('for limits and outages', async () => {
    const path = `${R}/issues?state=open`;
    const match = { path: /\/issues\?state=open$/ };
    fake.faults.add({ match, kind: 'primary-limit', resetSeconds: 60 });
    const primary = await recorder.expect(403, 'GET', path);
    expect(primary.headers['x-ratelimit-remaining']).toBe('0');
    fake.faults.add({ match, kind: 'secondary-limit', retryAfterSeconds: 7 });
    expect((await recorder.expect(403, 'GET', path)).headers['retry-after']).toBe('7');
    fake.faults.add({ match, kind: 'secondary-limit', status: 429 });
    expect((await recorder.expect(429, 'GET', path)).headers['retry-after']).toBeUndefined();
    for (const status of [401, 403, 404, 500, 502, 503, 504]) {
      fake.faults.add({ match, kind: 'status', status });
      await recorder.expect(status, 'GET', path);
    }
  });

  it('after the repository was renamed', async () => {
    fake.rename('gadgets');
    const read = await recorder.expect(301, 'GET', `${R}/issues?state=all&per_page=1`);
    const write = await recorder.expect(307, 'POST', `${R}/issues/1/comments`, { body: { body: 'x' } });
    expect(read.headers.location).toBe(`${fake.url}/repositories/${fake.state.repo.id}/issues?state=all&per_page=1`);
    expect(write.headers.location).toBe(`${fake.url}/repositories/${fake.state.repo.id}/issues/1/comments`);
    const page = await recorder.expect(200, 'GET', String(read.headers.location));
    expect(page.headers.link).toContain(`/repositories/${fake.state.repo.id}/issues?state=all&per_page=1&page=2>; rel="next"`);
    fake.rename('widgets');
  });

  it('in the newer version of the API too', async () => {
    const newer = createRecorder(fake, contractOf('2026-03-10'));
    const headers = { 'x-github-api-version': '2026-03-10' };
    const bodies = [];
    const below = ['', '/issues', '/issues/1', '/issues/1/events', '/pulls', '/pulls/3'].map((path) => `${R}${path}`);
    for (const path of ['/', '/user', '/rate_limit', ...below]) {
      bodies.push((await newer.expect(200, 'GET', path, { headers })).body);
    }
    expect(JSON.stringify(bodies)).not.toMatch(/"assignee"|"merge_commit_sha"|"rate"/);
    await newer.expect(400, 'GET', `${R}/issues/1/timeline`, { headers: { 'x-github-api-version': '1999-01-01' } });
  });

  it('for what blocks an issue', async () => {
    const [blocked = 0, first = 0] = ['Later', 'First'].map((title) => fake.createIssue('wil', { title }));
    const path = `${R}/issues/${blocked}/dependencies/blocked_by`;
    const { id } = (await recorder.expect(200, 'GET', `${R}/issues/${first}`)).body as { id: number };
    await recorder.expect(201, 'POST', path, { body: { issue_id: id } });
    await recorder.expect(200, 'GET', `${path}?per_page=100`);
    await recorder.expect(200, 'GET', `${R}/issues/${first}/dependencies/blocking`);
    await recorder.expect(200, 'DELETE', `${path}/${id}`);
  });

  it('for every route that there is', () => {
    const asked = recorder.seen
      .filter((one) => one.status < 300 || (one.status === 302 && one.path.endsWith('/logs')))
      .map((one) => `${one.method} ${one.path.replace(/^\/repos\/[^/]+\/[^/]+/, '')}`);
    // Those of Apps are tried in app.test.ts.
    const others = ROUTES.filter((route) => route !== installationRoute && !appRoutes.includes(route));
    const untried = others.filter(({ method, pattern }) => {
      const fits = new RegExp(`^${method} ${pattern.replace(/:\w+/g, '[^/]+').replace(/\*\w+/g, '.+')}$`);
      return !asked.some((one) => fits.test(one));
    });
    expect(untried.map(({ method, pattern }) => `${method} ${pattern}`)).toEqual([]);
  });
});
