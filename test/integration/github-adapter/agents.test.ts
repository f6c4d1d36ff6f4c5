import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSockets, type Sockets } from '../../../src/adapters/github/agents/sockets.ts';
import type { GitHubForge } from '../../../src/adapters/github/forge.ts';
import { LABEL, quiet, useGitHub } from './world.ts';

const world = useGitHub();
let folder: string;
let forge: GitHubForge;
let sockets: Sockets;
let env: Readonly<Record<string, string>>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tac8-lane-'));
  await world.start();
  forge = world.connect();
  sockets = createSockets({ lane: forge.lane, log: quiet, host: 'github.com', repository: forge.repository });
  env = (await sockets.open(folder)) ?? expect.unreachable('no socket');
});
afterEach(async () => {
  await sockets.close();
  await rm(folder, { recursive: true, force: true });
});

const writes = () =>
  world.github.journal.entries().filter(({ kind, method, path }) => kind === 'api' && method !== 'GET' && path !== '/graphql');

/** Straight at the socket, with whatever path. */
function ask(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { socketPath: join(folder, 'github/sock'), method, path, headers: { host: 'api.github.com', authorization: 'token mine' } },
      (response) => {
        let text = '';
        response.on('data', (piece: Buffer) => (text += piece.toString()));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    asked.on('error', reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const question = (query: string, variables: object = {}) => ask('POST', '/graphql', { query, variables });

describe('a worker that asks', () => {
  test('reads this repository by REST; what has not changed costs nothing, and equal questions at once are one', async () => {
    world.github.createIssue('alice', { title: 'Flux', labels: [LABEL] });
    const [one, two] = await Promise.all([ask('GET', '/repos/acme/widgets/issues'), ask('GET', '/repos/Acme/Widgets/issues')]);
    expect([one.status, JSON.parse(one.text)[0].title]).toEqual([200, 'Flux']);
    expect(two).toEqual(one);
    const lists = () => world.requests('GET', /\/issues$/);
    expect(lists()).toHaveLength(1);
    expect(await ask('GET', '/api/v3/repos/acme/widgets/issues')).toEqual(one);
    expect(lists().map(({ status }) => status)).toEqual([200, 304]);
    expect(forge.limits()?.spent?.find(({ by }) => by === 'agents')).toMatchObject({ requests: 1, unchanged: 1 });
    expect((await stat(join(folder, 'github'))).mode & 0o077).toBe(0);
  });

  test.each(['cut-body', 'short-body'] as const)('an answer that is cut (%s) is none, and is not kept', async (kind) => {
    world.github.createIssue('alice', { title: 'Flux', labels: [LABEL] });
    world.github.faults.add({ match: { method: 'GET', path: /issues$/ }, kind });
    expect(await ask('GET', '/repos/acme/widgets/issues')).toMatchObject({ status: 502, text: expect.stringContaining('cut short') });
    const { status, text } = await ask('GET', '/repos/acme/widgets/issues');
    expect([status, JSON.parse(text)[0].title]).toEqual([200, 'Flux']);
  });

  test.each([
    ['POST', '/repos/acme/widgets/issues'],
    ['PATCH', '/repos/acme/widgets/issues/1'],
    ['PUT', '/repos/acme/widgets/pulls/1/merge'],
    ['DELETE', '/repos/acme/widgets'],
  ])('%s %s: refused with a sentence, and GitHub never hears of it', async (method, path) => {
    const { status, text } = await ask(method, path, method === 'DELETE' ? undefined : { title: 'x' });
    expect([status, JSON.parse(text).message]).toEqual([403, expect.stringContaining('agents read GitHub and write nothing there')]);
    expect(writes()).toEqual([]);
  });

  test.each([
    '/user',
    '/repos/acme/other',
    '/repos/acme/widgets/../other',
    '/repos/acme/widgets/%2e%2e/other/issues',
    '/repos/acme/widgets/issues/..%2f..%2fother',
    '//repos/acme/widgets',
    '/repositories/1',
    '/search/code?q=x',
    '/repos/acme/widgets/actions/secrets',
    '/repos/acme/widgets/hooks',
    '/repos/acme/widgets/keys',
    '/repos/acme/widgets/collaborators/alice/permission',
    '/repos/acme/widgets/contents/%2e%2e/%2e%2e/other',
  ])('%s is not shown', async (path) => {
    const before = world.github.journal.entries().filter(({ path: asked }) => !/^\/repos\/acme\/widgets$/.test(asked)).length;
    expect((await ask('GET', path)).status).toBeGreaterThanOrEqual(400);
    expect(world.github.journal.entries().filter(({ path: asked }) => !/^\/repos\/acme\/widgets$/.test(asked))).toHaveLength(before);
  });

  const own = { owner: 'acme', name: 'widgets' };
  test.each([
    ['a mutation', 'mutation { closeIssue(input: {issueId: "I"}) { clientMutationId } }', {}, 'agents only read'],
    ['a mutation beside a query', 'query A { viewer { login } } mutation B { x }', {}, 'agents only read'],
    [
      'another repository',
      'query($owner:String!,$name:String!){repository(owner:$owner,name:$name){name}}',
      { owner: 'acme', name: 'other' },
      'only acme/widgets',
    ],
    [
      'one that is named in the text',
      '{ a: repository(owner:"acme",name:"widgets"){name} b: repository(owner:"acme",name:"other"){name} }',
      {},
      'only acme/widgets',
    ],
    [
      'a way out over its owner',
      '{ repository(owner:"acme",name:"widgets"){ owner { ... on User { repositories(first:9){nodes{name}} } } } }',
      own,
      'only names',
    ],
    [
      'a way out over an assignee',
      '{ repository(owner:"acme",name:"widgets"){ assignableUsers(first:1){nodes{login}} } }',
      own,
      'assignableUsers',
    ],
    [
      'a way out over a fragment',
      'query{ ...F } fragment F on Query { repository(owner:"acme",name:"other"){name} }',
      own,
      'begins at the root',
    ],
    [
      'a fragment within',
      '{ repository(owner:"acme",name:"widgets"){ ...F } } fragment F on Repository { owner { ...on Organization { repositories(first:1){nodes{name}} } } }',
      own,
      'only names',
    ],
    ['any node by its number', '{ node(id:"R_1"){ id } }', {}, 'only what was shown before'],
    ['several nodes', '{ nodes(ids:["R_1"]){ id } }', {}, 'nodes leads out'],
    ['a token of the repository', '{ repository(owner:"acme",name:"widgets"){ tempCloneToken } }', own, 'tempCloneToken'],
    [
      'issues of others that it closes',
      '{ repository(owner:"acme",name:"widgets"){ pullRequest(number:1){ closingIssuesReferences(first:1){nodes{title}} } } }',
      own,
      'closingIssuesReferences',
    ],
    ['a wider search', '{ search(query:"repo:acme/widgets repo:acme/other", type: ISSUE, first: 1){ issueCount } }', {}, 'searched'],
    ['a search without a repository', '{ search(query:"secret", type: ISSUE, first: 1){ issueCount } }', {}, 'searched'],
    ['a search by choice', '{ search(query:"repo:acme/widgets OR x", type: ISSUE, first: 1){ issueCount } }', {}, 'searched'],
    ['what is no question', 'query {', {}, 'Syntax Error'],
  ])('a question about %s is refused with a sentence', async (_, query, variables, words) => {
    const { status, text } = await question(query, variables);
    expect(status).toBe(200);
    const { data, errors } = JSON.parse(text) as { data: unknown; errors: { message: string }[] };
    expect(data).toBeNull();
    expect(errors[0]?.message).toContain(words);
    expect(world.requests('POST', /graphql/)).toEqual([]);
  });

  test('what tac8 needs of the hour is kept for it', async () => {
    await sockets.close();
    await world.github.close();
    await world.start({ rateLimit: 20 });
    forge = world.connect();
    sockets = createSockets({ lane: forge.lane, log: quiet, host: 'github.com', repository: forge.repository });
    await sockets.open(folder);
    const statuses: number[] = [];
    for (let n = 0; n < 20; n += 1) statuses.push((await ask('GET', `/repos/acme/widgets/commits?page=${n}`)).status);
    expect(statuses.at(-1)).toBe(429);
    expect(forge.limits()?.remaining).toBeGreaterThanOrEqual(9);
  });

  test('a socket is served again after a restart while its run goes on, and not any more after its end', async () => {
    await sockets.close();
    sockets = createSockets({ lane: forge.lane, log: quiet, host: 'github.com', repository: forge.repository });
    await sockets.keep([folder]);
    expect((await ask('GET', '/repos/acme/widgets')).status).toBe(200);
    await sockets.keep([]);
    await expect(ask('GET', '/repos/acme/widgets')).rejects.toThrow(/ENOENT|ECONNREFUSED|EPIPE/);
  });
});

/* Debian's own `gh`; where it is not installed there is nothing to hold it against. */
const run = (args: readonly string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    execFile('gh', [...args], { env: { PATH: process.env.PATH, HOME: folder, ...env }, cwd: folder, timeout: 60_000 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, out, err }),
    );
  });
const hasGh = await new Promise<boolean>((resolve) => execFile('gh', ['--version'], (error) => resolve(error === null)));

describe.skipIf(!hasGh)('the real gh', () => {
  test('lists and views, and is refused every write with a sentence', { timeout: 120_000 }, async () => {
    const issue = world.github.createIssue('alice', { title: 'Flux capacitor', body: 'It leaks.', labels: [LABEL] });
    world.github.comment('alice', issue, 'Look at the hose.');
    await world.branch('auto/gh-1');
    const pull = await world.github.createPull('tac8', { title: 'Mend it', head: 'auto/gh-1' });
    world.github.setCheck(pull, { name: 'unit', conclusion: 'failure' });
    const json = async (...args: string[]) => {
      const { code, out, err } = await run(args);
      expect([args.join(' '), code, err]).toEqual([args.join(' '), 0, '']);
      return JSON.parse(out);
    };
    expect(await json('issue', 'list', '--json', 'number,title')).toEqual([{ number: issue, title: 'Flux capacitor' }]);
    expect(await json('issue', 'view', String(issue), '--json', 'title,body,comments')).toMatchObject({
      title: 'Flux capacitor',
      comments: [{ body: 'Look at the hose.' }],
    });
    expect(await json('pr', 'list', '--json', 'number,headRefName')).toEqual([{ number: pull, headRefName: 'auto/gh-1' }]);
    expect(await json('pr', 'view', String(pull), '--json', 'title,state,statusCheckRollup')).toMatchObject({
      title: 'Mend it',
      statusCheckRollup: [{ name: 'unit', conclusion: 'FAILURE' }],
    });
    expect(await json('api', '/repos/acme/widgets')).toMatchObject({ full_name: 'acme/widgets' });
    for (const args of [
      ['issue', 'comment', String(issue), '--body', 'x'],
      ['issue', 'close', String(issue)],
      ['issue', 'create', '--title', 't', '--body', 'b'],
      ['pr', 'comment', String(pull), '--body', 'x'],
      ['pr', 'merge', String(pull), '--merge'],
      ['api', '-X', 'POST', '/repos/acme/widgets/issues', '-f', 'title=x'],
    ]) {
      const { code, out, err } = await run(args);
      expect([args.join(' '), code !== 0]).toEqual([args.join(' '), true]);
      expect(`${out}${err}`).toMatch(/tac8/);
    }
    expect(world.github.state.comments).toHaveLength(1);
    expect(world.github.state.issues.every(({ state }) => state === 'open')).toBe(true);
    expect((await run(['issue', 'list', '--repo', 'acme/other', '--json', 'number'])).err).toContain('only acme/widgets');
  });
});
