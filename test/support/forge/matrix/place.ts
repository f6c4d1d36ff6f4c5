import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGitHubForge, type GitHubForge, type GitHubOptions } from '../../../../src/adapters/github/forge.ts';
import { type Pause, pause } from '../../../../src/adapters/github/write/turns.ts';
import { type FakeGitHub, startFakeGitHub } from '../../../../src/forge-fake/server.ts';
import { runGit } from '../../../../src/forge-fake/state/git.ts';

/** A GitHub, and adapters that speak to it, each as a daemon that has just begun. */
export interface Place {
  readonly github: FakeGitHub;
  /** A clone of the repository, as a daemon works in it. */
  readonly clone: string;
  connect(timeoutMs?: number): GitHubForge;
  /** What a part of the adapter is made with. */
  options(
    timeoutMs?: number,
  ): GitHubOptions & { readonly now: () => number; readonly pause: Pause; readonly retryDelays: readonly number[] };
  /** Where the key of an App is kept. */
  readonly keyFile: (id: number) => string;
  /** A branch with a commit of its own; answers the commit. */
  branch(name: string): Promise<string>;
  /** A number that was not given before. */
  next(): number;
  close(): Promise<void>;
}

const silent = (): void => undefined;

export async function openPlace(): Promise<Place> {
  const dir = await mkdtemp(join(tmpdir(), 'tac8-matrix-'));
  const users = [
    { login: 'wil', role: 'write' },
    { login: 'mona', role: 'maintain' },
    { login: 'tac8', role: 'write' },
  ] as const;
  const github = await startFakeGitHub({
    dir,
    repo: { owner: 'acme', name: 'widgets' },
    files: { 'README.md': 'Hi\n' },
    users,
    rateLimit: 1e6,
  });
  const clone = join(dir, 'clone');
  const git = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await runGit(dir, args);
    if (code !== 0) throw new Error(err);
    return out.trim();
  };
  await git('clone', '--quiet', github.bare, clone);
  await git('-C', clone, 'remote', 'set-url', 'origin', github.cloneUrl);
  const options: Place['options'] = (timeoutMs = 10_000) => ({
    apiUrl: github.url,
    repo: { owner: 'acme', name: 'widgets' },
    token: async () => github.token('tac8'),
    log: { debug: silent, info: silent, warn: silent, error: silent },
    ...{ timeoutMs, retryDelays: [0, 0], lookDelays: [0, 20], writeGapMs: 0, now: Date.now, pause },
  });
  let given = 0;
  return {
    github,
    clone,
    options,
    keyFile: (id) => join(dir, `app-${id}.json`),
    connect: (timeoutMs) => createGitHubForge(options(timeoutMs)),
    async branch(name) {
      const commit = await git('--git-dir', github.bare, 'commit-tree', 'main^{tree}', '-p', 'main', '-m', name);
      await git('--git-dir', github.bare, 'update-ref', `refs/heads/${name}`, commit);
      return commit;
    },
    next: () => (given += 1),
    async close() {
      await github.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
