import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PortError } from '../../../engine/ports/error.ts';
import { createGit, type Git } from './git.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { sortGitFailure } from './sort-failure.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tac8-git-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A stand-in for git that runs this shell text. */
function gitThat(script: string, timeoutMs = 10_000): Git {
  writeFileSync(join(folder, 'git'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'git'), 0o755);
  // Looked up along the PATH of the environment that is given, as by execvp.
  return createGit({ cwd: folder, stateDir: join(folder, 'state'), timeoutMs: () => timeoutMs, path: `${folder}:/usr/bin:/bin` });
}
const isAlive = (pid: string): boolean => existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

describe('running git', () => {
  test('the environment is built from nothing', async () => {
    process.env.TAC8_TEST_SECRET = 'leaks';
    const { stdout } = await gitThat('env')(['status']);
    delete process.env.TAC8_TEST_SECRET;
    const names = [...stdout.matchAll(/^([A-Za-z_]\w*)=/gm)].map((match) => match[1] ?? '');
    expect(names.filter((name) => !/^GIT_|^TAC8_GIT_OWNER$|^(PATH|HOME|LC_ALL|PWD|_|SHLVL|OLDPWD)$/.test(name))).toEqual([]);
    expect(stdout).toContain('GIT_TERMINAL_PROMPT=0');
    expect(stdout).toContain(`HOME=${join(folder, 'state/git/home')}`);
    expect(stdout).not.toContain('leaks');
  });

  test('a folder that somebody took away is made again, with the name to commit by', async () => {
    const git = gitThat('cat "$GIT_CONFIG_GLOBAL"');
    const { stdout } = await git(['status']);
    expect(stdout).toContain('[user]');
    rmSync(join(folder, 'state/git'), { recursive: true });
    expect((await git(['status'])).stdout).toBe(stdout);
    // All of tac8's own may come back: a new one would stand in its way.
    renameSync(join(folder, 'state'), join(folder, 'away'));
    await expect(git(['status'])).rejects.toMatchObject({ sort: 'retryable', message: expect.stringContaining('is gone') });
    expect(existsSync(join(folder, 'state'))).toBe(false);
    renameSync(join(folder, 'away'), join(folder, 'state'));
    expect((await git(['status'])).stdout).toBe(stdout);
  });

  test('the time limit ends git and its children', async () => {
    const git = gitThat(`sleep 62.5 & echo $! > ${folder}/child; wait`, 300);
    await expect(git(['fetch'])).rejects.toMatchObject({
      name: 'PortError',
      sort: 'retryable',
      message: expect.stringContaining('300 ms'),
    });
    const pid = readFileSync(join(folder, 'child'), 'utf8').trim();
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  test('git has no more memory than a machine can spare, and ends where it wants more', async () => {
    const { stdout } = await gitThat('ulimit -d')(['status']);
    expect(Number(stdout)).toBeGreaterThan(100_000);
    expect(Number(stdout)).toBeLessThanOrEqual(3 * 1024 * 1024);
    await expect(gitThat('echo "fatal: inflate: out of memory" >&2; exit 128')(['status'])).rejects.toMatchObject({ sort: 'terminal' });
    await expect(gitThat('kill -SEGV $$')(['diff'])).rejects.toMatchObject({
      sort: 'unknown',
      message: expect.stringContaining('SIGSEGV'),
    });
  });

  test('a withdrawn wish ends it too, and one withdrawn before starts nothing', async () => {
    const git = gitThat(`echo $$ > ${folder}/pid; exec sleep 63.5`);
    const stop = new AbortController();
    const running = git(['fetch'], { signal: stop.signal });
    await expect.poll(() => existsSync(join(folder, 'pid')) && readFileSync(join(folder, 'pid'), 'utf8').trim() !== '').toBe(true);
    stop.abort();
    await expect(running).rejects.toMatchObject({ sort: 'retryable' });
    const pid = readFileSync(join(folder, 'pid'), 'utf8').trim();
    await expect.poll(() => isAlive(pid)).toBe(false);
    rmSync(join(folder, 'pid'));
    await expect(git(['fetch'], { signal: stop.signal })).rejects.toThrow('no longer wanted');
    expect(existsSync(join(folder, 'pid'))).toBe(false);
  });

  test('ended by a signal from outside; not there at all; not reading its input', async () => {
    await expect(gitThat('kill -9 $$')(['gc'])).rejects.toMatchObject({ sort: 'retryable', message: expect.stringContaining('SIGKILL') });
    const none = createGit({ cwd: folder, stateDir: join(folder, 'state'), timeoutMs: () => 1000, path: '/nowhere' });
    await expect(none(['status'])).rejects.toMatchObject({ sort: 'terminal', message: expect.stringContaining('ENOENT') });
    await expect(gitThat('exit 1')(['add'], { input: 'x'.repeat(1_000_000), codes: [1] })).resolves.toMatchObject({ code: 1 });
  });
});

test.each([
  ["fatal: 'auto/gh-1' is already checked out at '/x'", 'terminal'],
  ["fatal: Unable to create '/x/.git/index.lock': File exists.", 'retryable'],
  ["fatal: unable to access 'https://x/': Could not resolve host: x", 'retryable'],
  ["fatal: unable to access 'https://x/': The requested URL returned error: 403", 'terminal'],
  ["fatal: unable to access 'https://x/': The requested URL returned error: 301", 'terminal'],
  ["fatal: unable to access 'https://x/': The requested URL returned error: 502", 'retryable'],
  ['git@x: Permission denied (publickey).\nfatal: Could not read from remote repository.', 'terminal'],
  ['ssh: connect to host x port 22: Connection timed out\nfatal: Could not read from remote repository.', 'retryable'],
  ["fatal: detected dubious ownership in repository at '/x'", 'terminal'],
  ['error: unable to write file: No space left on device', 'retryable'],
  ["fatal: sha1 file '<stdout>' write error. Out of diskspace", 'retryable'],
  ["fatal: cannot lock ref 'refs/heads/auto/gh-1': 'refs/heads/auto' exists; cannot create 'refs/heads/auto/gh-1'", 'terminal'],
  ['Host key verification failed.\r\nfatal: Could not read from remote repository.', 'retryable'],
  ['fatal: mismatched algorithms: client sha256; server sha1', 'terminal'],
  ["remote: error: cannot lock ref 'refs/heads/auto/gh-1': reference already exists", 'retryable'],
  [`remote: error: cannot lock ref 'refs/heads/auto/gh-1': is at ${'a'.repeat(40)} but expected ${'b'.repeat(40)}`, 'retryable'],
  ["remote: error: cannot lock ref 'refs/heads/auto/gh-1': 'refs/heads/auto' exists; cannot create 'refs/heads/auto/gh-1'", 'terminal'],
  ["fatal: couldn't find remote ref refs/heads/main", 'terminal'],
  ['fatal: something new', 'unknown'],
] as const)('%s → %s', (stderr, sort) => {
  const error = sortGitFailure(['push'], { code: 128, stdout: '', stderr });
  expect(error).toBeInstanceOf(PortError);
  expect(error.sort).toBe(sort);
  expect(error.message).toContain(stderr.split(/\r?\n/)[0]);
  expect(error.hint === '').toBe(sort === 'unknown');
});

// As GitHub words them: each by what it is about, not as one refusal among others.
test.each([
  [
    'refusing to allow a Personal Access Token to create or update workflow `.github/workflows/ci.yml` without `workflow` scope',
    'workflows',
  ],
  [
    "remote: error: File big.bin is 120.00 MB; this exceeds GitHub's file size limit of 100.00 MB\nremote: error: GH001: Large files detected.",
    'git-lfs',
  ],
  ['remote: error: GH013: Repository rule violations found for refs/heads/auto/gh-1.\nremote: - Push cannot contain secrets', 'secret'],
  ['remote: error: GH007: Your push would publish a private email address.', 'git.author'],
  ['remote: error: GH013: Repository rule violations found.\nremote: - Commit author email must match a pattern', 'git.author'],
  ['ERROR: This repository was archived so it is read-only.', 'archived'],
  ['remote: error: GH006: Protected branch update failed for refs/heads/main.', 'branch_prefix'],
  ['remote: error: GH013: Repository rule violations found.\nremote: - Cannot create ref due to creations being restricted.', 'rule'],
] as const)('a push that is refused: %s → %s', (stderr, named) => {
  const refused = `${stderr}\nTo https://x/\n! [remote rejected] auto/gh-1 -> auto/gh-1 (pre-receive hook declined)`;
  const error = sortGitFailure(['push'], { code: 1, stdout: '', stderr: refused });
  expect(error.sort).toBe('terminal');
  expect(error.hint).toContain(named);
});

test('one at a time, in order, also after a failure; other keys side by side', async () => {
  const order: string[] = [];
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = oneAtATime('a', async () => {
    await gate;
    order.push('first');
    throw new Error('fails');
  });
  const second = oneAtATime('a', async () => {
    order.push('second');
  });
  await oneAtATime('b', async () => {
    order.push('other');
  });
  release();
  await expect(first).rejects.toThrow('fails');
  await second;
  expect(order).toEqual(['other', 'first', 'second']);
});
