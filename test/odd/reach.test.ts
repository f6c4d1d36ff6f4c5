import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shortMemory } from '../../src/adapters/git/transport/memory.ts';
import { type ReachOptions, reachRemote } from '../../src/adapters/git/transport/reach.ts';
import { type FakeGitHub, startFakeGitHub } from '../../src/forge-fake/server.ts';
import { ONE_OF_EACH } from '../support/forge/one-of-each.ts';
import { type GitRepo, makeGitRepo } from '../support/git/git-repo.ts';
import { type GitWorld, makeGitWorld, NEVER, pendingTask, RUN } from '../support/git/git-workspaces.ts';
import { workplace } from '../support/world/daemon.ts';

/* Whether git gets in at the remote is said before anything is started, in the remote's own words; and nothing is written for it, here or there. */

let fake: FakeGitHub;
let dir: string;
let repo: GitRepo;
let token: string;
beforeAll(async () => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'tac8-reach-test-')));
  fake = await startFakeGitHub({ dir, repo: { owner: 'acme', name: 'widgets' }, files: { a: 'a' }, users: ONE_OF_EACH });
  token = fake.addUser({ login: 'tac8-bot', role: 'write' });
  repo = makeGitRepo({ remote: true });
}, 60_000);
afterAll(async () => {
  await fake.close();
  repo.remove();
  rmSync(dir, { recursive: true, force: true });
});

const reach = (fetch: string, push: string, more: Partial<ReachOptions> = {}) => {
  const memory = { ...shortMemory(), address: () => ({ fetch, push }) };
  const login = { host: new URL(fake.url).host, user: 'x-access-token', password: async () => token };
  const options = { root: repo.root, name: 'origin', memory, login, branchPrefix: 'auto/', baseBranch: null, timeoutMs: 20_000 };
  return reachRemote({ ...options, ...more }, AbortSignal.timeout(40_000));
};
const web = (): string => `${fake.url}/acme/widgets.git`;

test('git gets through, and nothing is written: not here, not there', async () => {
  const before = [repo.git(['for-each-ref']), repo.git(['--git-dir', fake.bare, 'for-each-ref']), readdirSync(repo.root).join()];
  expect(await reach(web(), web())).toMatchObject({ fetch: null, push: null, base: true });
  expect([repo.git(['for-each-ref']), repo.git(['--git-dir', fake.bare, 'for-each-ref']), readdirSync(repo.root).join()]).toEqual(before);
});

test('a login that may not push there, a repository that is not there, a base branch that is not there', async () => {
  const readOnly = fake.addUser({ login: 'reader', role: 'read' });
  const login = { host: new URL(fake.url).host, user: 'x', password: async () => readOnly };
  expect(await reach(web(), web(), { login })).toMatchObject({ fetch: null, push: { message: expect.stringMatching(/403|denied/i) } });
  const other = `${fake.url}/acme/other.git`;
  expect(await reach(other, web())).toMatchObject({
    fetch: { sort: 'terminal', message: expect.stringContaining('not found') },
    push: null,
  });
  expect(await reach(web(), web(), { baseBranch: 'release/2' })).toMatchObject({ base: false });
});

test('a remote that names objects by other sums than the checkout: the sentence says so', async () => {
  const other = makeGitRepo({ objectFormat: 'sha256' });
  try {
    const found = await reach(web(), web(), { root: other.root });
    expect(found?.push).toMatchObject({ sort: 'terminal', hint: expect.stringContaining('sha256') });
  } finally {
    other.remove();
  }
});

test('a program for logins that hangs is not waited for', async () => {
  const home = join(dir, 'person');
  mkdirSync(home);
  const before = process.env.HOME;
  process.env.HOME = home;
  try {
    repo.git(['config', '--file', join(home, '.gitconfig'), 'credential.helper', '!f() { sleep 60; }; f']);
    const login = { host: 'elsewhere', user: 'x', password: async () => null };
    const found = await reach(web(), web(), { login, timeoutMs: 1_500 });
    expect(found?.push?.message).toContain('took longer than');
  } finally {
    process.env.HOME = before;
  }
});

let world: GitWorld;
test('a push that waits for the base says why the remote does not tell it, and a fetch that failed is told', async (context) => {
  const told: (string | null)[] = [];
  world = makeGitWorld({ remote: true });
  context.onTestFinished(() => world.remove());
  const memory = { ...shortMemory(), fetched: (words: string | null) => void told.push(words) };
  const spaces = world.again({ memory, fetchFreshMs: 0 });
  await spaces.ensure(world.task, NEVER);
  expect(told).toEqual([null]);
  world.commit('Work', { 'a.txt': 'a' }, world.tree);
  rmSync(world.remote ?? '', { recursive: true });
  const fresh = world.again({ memory, fetchFreshMs: 0 });
  const guard = { approved: null, guarded: () => [] } as never;
  await expect(fresh.push(world.task, NEVER, guard)).rejects.toMatchObject({
    sort: 'terminal',
    message: expect.stringMatching(/is not known: .*does not appear to be a git repository/),
  });
  expect(told.at(-1)).toMatch(/does not appear to be a git repository.* — Check the address of the remote/);
  await fresh.save(world.task, RUN, 'the end');
});

test('a remote that names no default branch ends the delivery; one that names another meanwhile is followed', async (context) => {
  world = makeGitWorld({ remote: true });
  context.onTestFinished(() => world.remove());
  const far = world.remote ?? '';
  const guard = { approved: null, guarded: () => [] } as never;
  const spaces = world.again({ fetchFreshMs: 0 });
  await spaces.ensure(world.task, NEVER);
  world.commit('Work', { 'a.txt': 'a' }, world.tree);
  world.git(['--git-dir', far, 'branch', '-m', 'main', 'trunk']);
  const newer = world.git(['--git-dir', far, 'commit-tree', '-m', 'Newer', '-p', 'trunk', 'trunk^{tree}']);
  world.git(['--git-dir', far, 'update-ref', 'refs/heads/trunk', newer]);
  expect((await spaces.ensure(pendingTask('gh-2'), NEVER)).baseCommit).toBe(newer);
  expect(world.logged).toContainEqual(expect.objectContaining({ message: 'the default branch of the remote is trunk now' }));
  world.git(['--git-dir', far, 'symbolic-ref', 'HEAD', 'refs/heads/nowhere']);
  // As a daemon that never heard of another.
  const hint = expect.stringContaining('base_branch');
  const refused = { sort: 'terminal', message: expect.stringContaining('names no default branch'), hint };
  await expect(world.again({ fetchFreshMs: 0 }).push(world.task, NEVER, guard)).rejects.toMatchObject(refused);
  const gone = world.again({ fetchFreshMs: 0, baseBranch: 'main' });
  await expect(gone.push(world.task, NEVER, guard)).rejects.toMatchObject({ sort: 'terminal', hint });
});

test('doctor says it before the first start, and writes nothing', async (context) => {
  const place = await workplace(context);
  place.repo.git(['remote', 'set-url', 'origin', `${place.fake.url}/acme/other.git`]);
  place.repo.git(['remote', 'set-url', '--add', '--push', 'origin', `${place.fake.url}/acme/other.git`]);
  place.repo.git(['remote', 'set-url', '--add', '--push', 'origin', '/nowhere']);
  place.configure({ repo: 'acme/widgets', agent: place.agent('exit 0') });
  const { findings } = JSON.parse((await place.tac8('doctor', '--json')).out) as {
    readonly findings: readonly { readonly check: string; readonly level: string; readonly says: string }[];
  };
  expect(findings.filter(({ check }) => check === 'remote-login')).toEqual([
    expect.objectContaining({ level: 'bad', says: expect.stringMatching(/^git cannot fetch from .*\/acme\/other\.git: .*not found/) }),
    expect.objectContaining({ level: 'bad', says: expect.stringContaining('git cannot push to ') }),
  ]);
  expect(findings).toContainEqual(
    expect.objectContaining({
      check: 'remote',
      level: 'warn',
      says: 'your git pushes to 2 addresses, and tac8 to the first of them alone',
    }),
  );
  expect(existsSync(join(place.root, '.tac8'))).toBe(false);
}, 60_000);
