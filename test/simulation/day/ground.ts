import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { TaskId } from '../../../src/core/model/task.ts';
import { type FakeGitHub, startFakeGitHub } from '../../../src/forge-fake/server.ts';
import { gitEnvironment } from '../../../src/forge-fake/state/git.ts';
import type { Stage } from '../stage.ts';

export const REPO = { owner: 'acme', name: 'widgets' } as const;
const USERS = [
  { login: 'alice', role: 'write' },
  { login: 'mona', role: 'maintain' },
  { login: 'eve', role: 'read' },
  { login: 'tac8', role: 'write' },
] as const;

/** What of a day is real: GitHub's fake over HTTP, git, and the folder that answers are kept in. */
export interface Ground {
  readonly github: FakeGitHub;
  readonly dir: string;
  /** The commit that stands for one of the simulation's; made where there is none yet. */
  commit(task: TaskId, made: string): Promise<string>;
  push(branch: string, commit: string): Promise<void>;
  /** Something real under way, which the made-up time waits for. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** All that is real has come to its end, and nothing new was begun by it. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export async function openGround(stage: Pick<Stage, 'timeline' | 'repository'>): Promise<Ground> {
  const dir = mkdtempSync(join(tmpdir(), 'tac8-day-'));
  let busy = 0;
  const during = async <T>(work: () => Promise<T>): Promise<T> => {
    busy += 1;
    try {
      return await work();
    } finally {
      busy -= 1;
    }
  };
  const github = await startFakeGitHub({
    ...{ dir: join(dir, 'github'), repo: REPO, files: { 'README.md': 'Hi\n' }, users: USERS },
    ...{ clock: stage.timeline.wall, secondaryLimits: true },
  });
  github.setRules({ autoMerge: true, approvals: 1, checks: ['build'] });
  // Requests go over real connections: made-up time stands still meanwhile.
  const fetching = globalThis.fetch;
  globalThis.fetch = (...asked) =>
    during(async () => {
      const response = await fetching(...asked);
      const body = await response.arrayBuffer();
      const { status, headers, url } = response;
      const whole = new Response([204, 205, 304].includes(status) ? null : body, { status, headers });
      return Object.defineProperty(whole, 'url', { value: url });
    });
  const local = join(dir, 'local.git');
  const git = (...args: string[]): Promise<string> =>
    during(
      () =>
        new Promise((resolve, reject) => {
          execFile('git', args, { cwd: dir, env: gitEnvironment(dir), timeout: 60_000 }, (error, out, err) =>
            error === null ? resolve(out.trim()) : reject(new Error(`git ${args.join(' ')}: ${err}`)),
          );
        }),
    );
  await git('clone', '--quiet', '--bare', github.bare, local);
  const known = new Map<string, Promise<string>>();

  function commit(task: TaskId, made: string): Promise<string> {
    const there = known.get(made);
    if (there !== undefined) return there;
    const all = stage.repository.branches.get(task) ?? [];
    const before = all[all.indexOf(made) - 1];
    const parent = before === undefined ? Promise.resolve('main') : commit(task, before);
    const real = parent.then((on) => git('--git-dir', local, 'commit-tree', 'main^{tree}', '-p', on, '-m', made));
    known.set(made, real);
    return real;
  }

  return {
    github,
    dir,
    commit,
    async push(branch, at) {
      const address = github.cloneUrl.replace('://', `://x:${github.token('tac8')}@`);
      await git('--git-dir', local, 'push', '--quiet', '--force', address, `${at}:refs/heads/${branch}`);
    },
    during,
    async settled() {
      for (let calm = 0; calm < 4; calm = busy === 0 ? calm + 1 : 0) await turn();
    },
    async close() {
      globalThis.fetch = fetching;
      await github.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
