import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { createGitHubForge, type GitHubForge, type GitHubOptions } from '../../../src/adapters/github/forge.ts';
import type { Log } from '../../../src/engine/ports/records/log.ts';
import { type FakeGitHub, type FakeGitHubOptions, startFakeGitHub } from '../../../src/forge-fake/server.ts';
import { runGit } from '../../../src/forge-fake/state/git.ts';
import type { JournalEntry } from '../../../src/forge-fake/state/journal.ts';

const silent = () => undefined;
export const quiet: Log = { debug: silent, info: silent, warn: silent, error: silent };
const users = [
  { login: 'alice', role: 'write' },
  { login: 'mona', role: 'maintain' },
  { login: 'trish', role: 'triage' },
  { login: 'eve', role: 'none' },
  { login: 'tac8', role: 'write' },
  { login: 'helper[bot]', role: 'write', type: 'Bot' },
] as const;

export const LABEL = 'rpi-auto';
/** A short time limit for the tests in which the server hangs; long for all others, whose machine may be busy. */
export const patience = (fault: string): { timeoutMs: number } => ({ timeoutMs: fault.startsWith('hang') ? 500 : 10_000 });
/** Never aborted. */
export const signal = new AbortController().signal;

/** A fake GitHub per test, begun by `start`, and the adapter speaking to it as the user `tac8`. */
export interface World {
  readonly github: FakeGitHub;
  /** The adapter's clock, in ms; a test moves it on. */
  clock: number;
  start(more?: Partial<FakeGitHubOptions>): Promise<void>;
  connect(more?: Partial<GitHubOptions>): GitHubForge;
  /** Makes a branch with one commit that the default branch does not have; answers the commit. */
  branch(name: string): Promise<string>;
  requests(method: string, path: RegExp): readonly JournalEntry[];
}

/** To be called once per file; ends the server and removes its folder after each test. */
export function useGitHub(): World {
  let dir: string;
  let started: FakeGitHub | null = null;
  const github = (): FakeGitHub => started ?? expect.unreachable('the test did not start the fake GitHub');
  const world: World = {
    clock: 0,
    get github() {
      return github();
    },
    async start(more = {}) {
      const files = { 'README.md': 'Hi\n' };
      started = await startFakeGitHub({ dir, repo: { owner: 'acme', name: 'widgets' }, files, users, ...more });
    },
    connect: (more = {}) =>
      createGitHubForge({
        apiUrl: github().url,
        repo: { owner: 'acme', name: 'widgets' },
        token: async () => github().token('tac8'),
        log: quiet,
        ...patience(''),
        retryDelays: [0, 0],
        lookDelays: [0, 20],
        writeGapMs: 0,
        now: () => world.clock,
        ...more,
      }),
    async branch(name) {
      const made = await runGit(github().bare, ['commit-tree', 'main^{tree}', '-p', 'main', '-m', name]);
      const commit = made.out.trim();
      const updated = await runGit(github().bare, ['update-ref', `refs/heads/${name}`, commit]);
      expect([made.code, updated.code]).toEqual([0, 0]);
      return commit;
    },
    requests: (method, path) =>
      github()
        .journal.entries()
        .filter((one) => one.method === method && path.test(one.path)),
  };
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tac8-github-'));
    world.clock = Date.now();
  });
  afterEach(async () => {
    await started?.close();
    started = null;
    await rm(dir, { recursive: true, force: true });
  });
  return world;
}

/** What is shown at once of all pulls, as the engine asks for it. */
export interface Glances {
  /** The one that looks; a test may put another one in its place. */
  forge: GitHubForge;
  /** Reads by REST so far. */
  rest(): number;
  openPull(name: string): Promise<{ readonly number: number; readonly commit: string }>;
  /** One poll as the engine makes it. */
  poll(pulls: readonly number[]): ReturnType<GitHubForge['openPulls']>;
  /** As a later second, in which what was said is sure. */
  later(ms?: number): void;
}

/** To be called once per file: the world is begun before each test, with a forge that looks at it. */
export function useGlances(world: World): Glances {
  let forge: GitHubForge;
  beforeEach(async () => {
    await world.start();
    forge = world.connect();
  });
  return {
    get forge() {
      return forge;
    },
    set forge(other) {
      forge = other;
    },
    rest: () => world.github.journal.entries().filter(({ kind, method }) => kind === 'api' && method === 'GET').length,
    async openPull(name) {
      const commit = await world.branch(name);
      return { number: await world.github.createPull('tac8', { title: name, head: name }), commit };
    },
    async poll(pulls) {
      await forge.look({ pulls, base: null }, signal);
      return forge.openPulls(signal);
    },
    later: (ms = 30_000) => {
      world.clock += ms;
    },
  };
}
