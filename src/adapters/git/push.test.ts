import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type GitWorld, makeGitWorld, NEVER } from '../../../test/support/git-workspaces.ts';

let world: GitWorld;
beforeEach(() => {
  world = makeGitWorld({ remote: true });
});
afterEach(() => world.remove());
const push = (spaces = world.spaces) => spaces.push(world.task, NEVER);

describe('push', () => {
  test('the branch, and again without harm', async () => {
    await world.ensure();
    const commit = world.commit('Work', { 'a.txt': 'a' }, world.tree);
    expect(await push()).toEqual({ commit, remote: 'origin' });
    expect(await push()).toEqual({ commit, remote: 'origin' });
    expect(world.git(['rev-parse', 'auto/gh-1'], world.remote ?? '')).toBe(commit);
    expect(world.git(['rev-parse', 'refs/remotes/origin/auto/gh-1'])).toBe(commit);
  });

  test('without a remote, or without the one that is configured: only says where it stands', async () => {
    await world.ensure();
    const commit = world.commit('Work', { 'a.txt': 'a' }, world.tree);
    expect(await push(world.again({ remote: null }))).toEqual({ commit, remote: null });
    world.git(['remote', 'remove', 'origin']);
    expect(await push()).toEqual({ commit, remote: null });
  });

  test('rejected: terminal, git’s own words, nothing forced', async () => {
    await world.ensure();
    world.commit('Work', { 'a.txt': 'a' }, world.tree);
    await push();
    const there = world.git(['rev-parse', 'auto/gh-1'], world.remote ?? '');
    world.git(['commit', '--quiet', '--amend', '-m', 'Other'], world.tree);
    await expect(push()).rejects.toMatchObject({ name: 'PortError', sort: 'terminal', message: expect.stringContaining('[rejected]') });
    expect(world.git(['rev-parse', 'auto/gh-1'], world.remote ?? '')).toBe(there);
  });

  test('no branch; a hook at the remote that says no', async () => {
    await expect(push()).rejects.toMatchObject({ sort: 'terminal', message: expect.stringContaining('auto/gh-1') });
    await world.ensure();
    world.commit('Work', { 'a.txt': 'a' }, world.tree);
    const hook = join(world.remote ?? '', 'hooks/pre-receive');
    writeFileSync(hook, '#!/bin/sh\necho not on sundays >&2\nexit 1\n');
    chmodSync(hook, 0o755);
    await expect(push()).rejects.toMatchObject({ sort: 'terminal', message: expect.stringContaining('not on sundays') });
  });

  test('a pre-push hook of the repository does not run', async () => {
    await world.ensure();
    world.write('.git/hooks/pre-push', `#!/bin/sh\ntouch ${join(world.home, 'ran')}\nexit 1\n`);
    chmodSync(join(world.root, '.git/hooks/pre-push'), 0o755);
    await push();
    expect(existsSync(join(world.home, 'ran'))).toBe(false);
  });
});

/** git over HTTP on this machine: answers `status` when set, else asks for the token and serves with git's own backend. */
interface HttpRemote {
  readonly url: string;
  readonly seen: { readonly path: string; readonly authorization: string | undefined }[];
  status: number | 'hang' | null;
  close(): Promise<void>;
}

async function serveGit(folder: string, token: string): Promise<HttpRemote> {
  const seen: HttpRemote['seen'] = [];
  const state: { status: HttpRemote['status'] } = { status: null };
  const server: Server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    seen.push({ path: pathname, authorization: request.headers.authorization });
    if (state.status === 'hang') return;
    const status = state.status ?? (request.headers.authorization === token ? 200 : 401);
    if (status !== 200) {
      response.writeHead(status, status === 401 ? { 'www-authenticate': 'Basic realm="test"' } : {}).end('no');
      return;
    }
    const env = {
      PATH: process.env.PATH ?? '',
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      REMOTE_USER: 'tac8',
      PATH_INFO: pathname,
      QUERY_STRING: searchParams.toString(),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    };
    const backend = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
    const out: Buffer[] = [];
    request.pipe(backend.stdin);
    backend.stdin.on('error', () => undefined);
    backend.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    backend.on('close', () => {
      const whole = Buffer.concat(out);
      const end = whole.indexOf('\r\n\r\n');
      const lines = whole.toString('latin1', 0, end).split('\r\n');
      const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
      response.writeHead(Number(headers.Status?.slice(0, 3) ?? 200), headers).end(whole.subarray(end + 4));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/origin.git`,
    seen,
    get status() {
      return state.status;
    },
    set status(value) {
      state.status = value;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

describe('over http with a token', () => {
  const header = 'Authorization: Basic c2VjcmV0LXRva2Vu';
  let remote: HttpRemote;
  beforeEach(async () => {
    remote = await serveGit(world.home, header.slice('Authorization: '.length));
    world.git(['config', 'http.receivepack', 'true'], world.remote ?? '');
    world.git(['remote', 'set-url', 'origin', remote.url]);
  });
  afterEach(() => remote.close());
  const withToken = (more = {}) => world.again({ authHeader: async () => header, ...more });

  test('fetches and pushes; the token is in no file', async () => {
    const spaces = withToken();
    expect(await spaces.refresh()).toBeNull();
    await spaces.ensure(world.task, NEVER);
    const commit = world.commit('Work', { 'a.txt': 'a' }, world.tree);
    expect(await push(spaces)).toEqual({ commit, remote: 'origin' });
    expect(world.git(['rev-parse', 'auto/gh-1'], world.remote ?? '')).toBe(commit);
    expect(remote.seen.every(({ authorization }) => authorization === header.slice(15))).toBe(true);
    expect(world.tryGit(['grep', '-r', '--no-index', 'c2VjcmV0', world.root]).code).toBe(1);
    expect(readFileSync(join(world.root, '.git/config'), 'utf8')).not.toContain('c2VjcmV0');
  });

  test('helpers and other addresses that the repository’s settings name never see it', async () => {
    await world.ensure();
    world.commit('Work', { 'a.txt': 'a' }, world.tree);
    const trap = join(world.home, 'trap');
    const script = join(world.home, 'trap.sh');
    writeFileSync(script, `#!/bin/sh\nenv > ${trap}\ncat >> ${trap}\n`);
    chmodSync(script, 0o755);
    for (const key of [
      'credential.helper',
      'core.askPass',
      'core.sshCommand',
      'core.gitProxy',
      'core.fsmonitor',
      'core.alternateRefsCommand',
    ]) {
      world.git(['config', key, key === 'credential.helper' ? `!${script}` : script]);
    }
    const spaces = withToken();
    remote.status = 401;
    await expect(push(spaces)).rejects.toMatchObject({ sort: 'terminal' });
    expect(existsSync(trap)).toBe(false);
    remote.status = null;
    const elsewhere = await serveGit(world.home, 'nobody');
    world.git(['config', `url.${elsewhere.url}.insteadOf`, remote.url]);
    await expect(push(spaces)).rejects.toThrow();
    const seen = elsewhere.seen.map(({ authorization }) => authorization);
    await elsewhere.close();
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.every((authorization) => authorization === undefined)).toBe(true);
    world.git(['config', '--unset', `url.${elsewhere.url}.insteadOf`]);
    world.git(['config', 'protocol.ext.allow', 'always']);
    world.git(['config', `url.ext::${script} .insteadOf`, remote.url]);
    await expect(push(spaces)).rejects.toThrow();
    expect(existsSync(trap)).toBe(false);
  });

  test.each([
    [401, 'terminal'],
    [403, 'terminal'],
    [404, 'terminal'],
    [429, 'retryable'],
    [503, 'retryable'],
  ] as const)('%i is %s', async (status, sort) => {
    await withToken().ensure(world.task, NEVER);
    remote.status = status;
    await expect(push(withToken())).rejects.toMatchObject({ name: 'PortError', sort });
  });

  test('a server that hangs: ended at the time limit, retryable; a wish withdrawn: at once', async () => {
    await withToken().ensure(world.task, NEVER);
    remote.status = 'hang';
    await expect(push(withToken({ gitTimeoutMs: 400 }))).rejects.toMatchObject({
      sort: 'retryable',
      message: expect.stringContaining('400 ms'),
    });
    const stop = new AbortController();
    const pushing = withToken().push(world.task, stop.signal);
    const before = remote.seen.length;
    await expect.poll(() => remote.seen.length).toBeGreaterThan(before);
    stop.abort();
    await expect(pushing).rejects.toMatchObject({ sort: 'retryable' });
  });

  test('nobody there: retryable', async () => {
    await withToken().ensure(world.task, NEVER);
    await remote.close();
    await expect(push(withToken())).rejects.toMatchObject({ sort: 'retryable' });
    rmSync(join(world.root, '.tac8'), { recursive: true });
  });
});
