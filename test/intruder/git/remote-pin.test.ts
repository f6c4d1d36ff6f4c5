import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Pinned, type RemoteMemory, shortMemory } from '../../../src/adapters/git/transport/memory.ts';
import { serveGit } from '../../support/forge/serve-git.ts';
import { type GitWorld, makeGitWorld, NEVER } from '../../support/git/git-workspaces.ts';
import { workplace } from '../../support/world/daemon.ts';

/*
 * What is known of the remote outlives the daemon: a worker writes another address or another base branch, and waits for the next start.
 * The twin is a daemon that knows nothing yet, as one was that read it anew at each start.
 */

describe('at the next start', () => {
  let world: GitWorld;
  let memory: RemoteMemory;
  let seen: Pinned[];
  beforeEach(async () => {
    world = makeGitWorld({ remote: true });
    seen = [];
    memory = { ...shortMemory(), sees: (now) => void seen.push(now) };
    await world.again({ memory, fetchFreshMs: 0 }).ensure(world.task, NEVER);
    world.commit('Work', { 'a.txt': 'a' }, world.tree);
  });
  afterEach(() => world.remove());

  test('another address is told and not followed; twin: one that knows none follows it', async () => {
    const evil = join(world.home, 'evil.git');
    world.git(['clone', '--quiet', '--bare', world.remote ?? '', evil], world.home);
    world.git(['remote', 'set-url', 'origin', evil], world.tree);
    const heard = (): string => world.tryGit(['rev-parse', '--verify', '--quiet', 'auto/gh-1'], evil).out;
    const { commit } = await world.again({ memory }).push(world.task, NEVER);
    expect(world.git(['rev-parse', 'auto/gh-1'], world.remote ?? '')).toBe(commit);
    expect(heard()).toBe('');
    expect(seen.at(-1)).toEqual({ fetch: evil, push: evil });
    await world.again().push(world.task, NEVER);
    expect(heard()).toBe(commit);
  });

  test('a remote that was taken away, or that is new, changes nothing; settings that are a pipe neither', async () => {
    world.git(['remote', 'remove', 'origin'], world.tree);
    expect((await world.again({ memory }).push(world.task, NEVER)).remote).toBe('origin');
    const alone = shortMemory();
    await world.again({ memory: alone }).list();
    world.git(['remote', 'add', 'origin', world.remote ?? ''], world.tree);
    expect((await world.again({ memory: alone }).push(world.task, NEVER)).remote).toBeNull();
  });

  test('a ref says nothing of the base branch; twin: git believes it', async () => {
    world.git(['update-ref', 'refs/remotes/origin/evil', 'auto/gh-1']);
    world.git(['symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/evil']);
    const main = world.git(['rev-parse', 'origin/main']);
    for (const known of [memory, shortMemory()]) expect((await world.again({ memory: known }).originOf('gh-7')).baseCommit).toBe(main);
    expect(world.git(['rev-parse', 'origin'])).not.toBe(main);
    // As long as nobody can ask, too.
    world.git(['remote', 'set-url', 'origin', '/nowhere']);
    expect((await world.again({ memory }).originOf('gh-7')).baseCommit).toBe(main);
  });
});

test('a password in the address is nobody’s login; twin: plain git sends it', async () => {
  const world = makeGitWorld({ remote: true });
  const remote = await serveGit(world.home, 'nobody');
  try {
    const address = `${remote.url.replace('://', '://person:secret@')}`;
    world.git(['remote', 'set-url', 'origin', address]);
    expect(await world.again().refresh()).toContain('could not read Username');
    const sent = (): boolean => remote.seen.some(({ authorization }) => authorization?.startsWith('Basic ') === true);
    expect(remote.seen.length).toBeGreaterThan(0);
    expect(sent()).toBe(false);
    expect(world.logged).toContainEqual(expect.objectContaining({ level: 'warn', message: expect.stringContaining('remote.origin.url') }));
    expect(JSON.stringify(world.logged)).not.toContain('secret');
    const env = { PATH: process.env.PATH ?? '', HOME: world.home, GIT_TERMINAL_PROMPT: '0' };
    await promisify(execFile)('git', ['fetch', 'origin'], { cwd: world.root, env, timeout: 15_000 }).catch(() => undefined);
    expect(sent()).toBe(true);
  } finally {
    await remote.close();
    world.remove();
  }
});

test('a login that a worker laid into the home of tac8’s git is nobody’s; twin: git with that home sends it', async () => {
  const world = makeGitWorld({ remote: true });
  const remote = await serveGit(world.home, 'nobody');
  try {
    world.git(['remote', 'set-url', 'origin', remote.url]);
    const spaces = world.again();
    await spaces.list();
    const home = join(world.root, '.tac8/git/home');
    const lay = (): void => {
      for (const name of ['.netrc', '_netrc']) writeFileSync(join(home, name), 'default login mallory password secret\n', { mode: 0o600 });
    };
    const sent = (): boolean => remote.seen.some(({ authorization }) => authorization?.startsWith('Basic ') === true);
    lay();
    await spaces.refresh();
    await world.again().refresh();
    expect(remote.seen.length).toBeGreaterThan(0);
    expect(sent()).toBe(false);
    lay();
    const env = { PATH: process.env.PATH ?? '', HOME: home, GIT_TERMINAL_PROMPT: '0' };
    await promisify(execFile)('git', ['fetch', 'origin'], { cwd: world.root, env, timeout: 15_000 }).catch(() => undefined);
    expect(sent()).toBe(true);
  } finally {
    await remote.close();
    world.remove();
  }
});

test(
  'a running daemon goes on with the address that it knows, says so, and takes the new one by a person’s word',
  { timeout: 180_000 },
  async (context) => {
    const place = await workplace(context);
    const tripwire = await serveGit(place.home, 'nobody');
    try {
      place.configure({ agent: place.agent('true') });
      expect((await place.tac8('start', '--once')).code).toBe(0);
      const old = place.repo.git(['remote', 'get-url', 'origin']);
      place.repo.git(['remote', 'set-url', 'origin', `${tripwire.url}/acme/evil.git`]);
      writeFileSync(join(place.root, 'tasks.md'), '# Work Queue\n');
      const daemon = place.start();
      await place.until('the warning', async () => (await place.tac8('status')).out.includes('tac8 remote accept'));
      expect(tripwire.seen).toEqual([]);
      expect((await place.tac8('doctor')).out).toContain(`${old} counts`);
      place.env.TAC8_RUN_DIR = join(place.root, '.tac8/runs/w-abc123');
      place.env.TAC8_RUN = 'w-abc123';
      expect(await place.tac8('remote', 'accept')).toMatchObject({
        code: 5,
        err: expect.stringContaining('belongs to the worker w-abc123'),
      });
      delete place.env.TAC8_RUN_DIR;
      delete place.env.TAC8_RUN;
      expect((await place.tac8('remote', 'show')).out).toContain(`${old} counts`);
      expect((await place.tac8('remote', 'accept')).out).toContain('accepted: ');
      expect((await place.tac8('remote', 'show')).out.trim()).toBe(`${tripwire.url}/acme/evil.git`);
      expect((await daemon.end('SIGTERM')).code).toBe(0);
    } finally {
      await tripwire.close();
    }
  },
);
