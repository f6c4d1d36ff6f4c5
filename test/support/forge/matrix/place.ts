import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGitHubForge, type GitHubForge } from '../../../../src/adapters/github/forge.ts';
import { type FakeGitHub, startFakeGitHub } from '../../../../src/forge-fake/server.ts';
import { runGit } from '../../../../src/forge-fake/state/git.ts';

/** A GitHub, and adapters that speak to it, each as a daemon that has just begun. */
export interface Place {
  readonly github: FakeGitHub;
  connect(timeoutMs?: number): GitHubForge;
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
    { login: 'tac8', role: 'write' },
  ] as const;
  const github = await startFakeGitHub({ dir, repo: { owner: 'acme', name: 'widgets' }, files: { 'README.md': 'Hi\n' }, users });
  let given = 0;
  return {
    github,
    connect: (timeoutMs = 10_000) =>
      createGitHubForge({
        apiUrl: github.url,
        repo: { owner: 'acme', name: 'widgets' },
        token: async () => github.token('tac8'),
        log: { debug: silent, info: silent, warn: silent, error: silent },
        ...{ timeoutMs, retryDelays: [0, 0], lookDelays: [0, 20], writeGapMs: 0 },
      }),
    async branch(name) {
      const { out } = await runGit(github.bare, ['commit-tree', 'main^{tree}', '-p', 'main', '-m', name]);
      await runGit(github.bare, ['update-ref', `refs/heads/${name}`, out.trim()]);
      return out.trim();
    },
    next: () => (given += 1),
    async close() {
      await github.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
