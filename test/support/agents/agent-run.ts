import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAgents } from '../../../src/adapters/agents/agents.ts';
import { createIssueTexts } from '../../../src/adapters/text/issue-texts.ts';
import { CLAUDE } from '../../../src/agents/claude/abilities.ts';
import type { AgentSettings } from '../../../src/agents/ground/settings.ts';
import type { Issue } from '../../../src/core/model/forge.ts';
import { EMPTY_STREAM, type Run, type StreamFacts } from '../../../src/core/model/run.ts';
import type { Task } from '../../../src/core/model/task.ts';
import type { Launch } from '../../../src/engine/ports/machine/workers.ts';
import { ownProgram } from '../../../src/place/own-files.ts';
import { asUser, giveTo } from '../machine/other-user.ts';

/** As the daemon has them. */
export const issueTexts = createIssueTexts(ownProgram('adapters/text/thread'));

/** A repository's root with one worktree, for runs of an agent outside the engine. */
export interface AgentBench {
  readonly root: string;
  readonly worktree: string;
  readonly settings: AgentSettings;
  prepare(run: Run, issue?: Issue): Promise<Launch>;
  /** Starts a launch as it is, its stdout in the run's log. */
  start(run: Run, issue?: Issue): Promise<Started>;
  /** Ends every process that was started, and removes the folder. */
  close(): Promise<void>;
}

export interface Started {
  readonly child: ChildProcess;
  readonly launch: Launch;
  facts(): Promise<StreamFacts>;
  /** Polls the log until it says so. */
  until(fits: (facts: StreamFacts) => boolean, what: string): Promise<StreamFacts>;
  /** The exit code as a shell sees it. */
  readonly exited: Promise<number>;
}

export const task = (over: Partial<Task> = {}): Task =>
  ({
    ...{ id: 'gh-450', title: 'Add LED blink example', priority: 2, labels: [], addedAt: 0, order: null, branch: 'auto/gh-450' },
    ...{ attempts: 1, runs: 1, pull: null, pausedAt: null, version: 1, state: 'active', run: 'w-1d3d59', startedAt: 0, last: null },
    ...over,
  }) as Task;

export const run = (over: Partial<Run> = {}): Run =>
  ({
    ...{ id: 'w-1d3d59', task: 'gh-450', attempt: 1, createdAt: 0, session: '11111111-1111-4111-8111-111111111111', resumes: null },
    ...{ agent: { kind: 'claude', can: CLAUDE, model: null }, stream: EMPTY_STREAM, settlement: {}, problem: null, version: 1 },
    ...{ state: 'starting', baseCommit: 'a'.repeat(40), since: 0 },
    ...over,
  }) as Run;

export const issue = (body: string, over: Partial<Issue> = {}): Issue => ({
  ...{ number: 450, title: 'Add LED blink example', body, print: body, author: 'ada', labels: ['rpi-auto'], state: 'open' },
  ...{ url: 'https://github.com/acme/widgets/issues/450', createdAt: 0, updatedAt: 0 },
  ...over,
});

export function agentBench(over: Partial<AgentSettings> = {}): AgentBench {
  const user = asUser();
  const root = mkdtempSync(join(tmpdir(), 'tac8-agent-'));
  const worktree = join(root, 'trees', 'gh-450');
  mkdirSync(worktree, { recursive: true });
  mkdirSync(join(root, 'logs'));
  mkdirSync(join(root, 'person'));
  writeFileSync(join(worktree, 'README.md'), 'widgets\n');
  const git = (...args: string[]): unknown =>
    execFileSync('git', args, {
      cwd: worktree,
      env: { PATH: process.env.PATH ?? '', HOME: root, GIT_CONFIG_NOSYSTEM: '1' },
      timeout: 20_000,
    });
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('-c', 'user.name=t', '-c', 'user.email=t@localhost', 'commit', '-q', '-m', 'begin');
  const settings: AgentSettings = {
    ...{ root, kind: 'claude', command: ['claude'], model: null, env: [], repoSettings: false, permissionMode: null, args: [] },
    ...{ client: [process.execPath, ownProgram('client/main')], patience: 5000 },
    ...{ limits: { turns: null, usdPerTask: null }, verify: null, baseBranch: 'main', template: join(root, 'worker_template.md') },
    ...{
      author: async () => ({ name: 'tac8 worker', email: 'tac8@localhost' }),
      machine: { PATH: process.env.PATH },
      home: join(root, 'person'),
    },
    ...{ caches: [], isRoot: user === undefined && process.getuid?.() === 0 },
    ...over,
  };
  const agents = createAgents(() => settings, issueTexts);
  const children = new Set<ChildProcess>();
  const prepare = (one: Run, from?: Issue): Promise<Launch> =>
    agents.prepare(task(), one, from ?? null, { path: worktree, baseCommit: 'a'.repeat(40) });

  async function start(one: Run, from?: Issue): Promise<Started> {
    const launch = await prepare(one, from);
    const [program, ...args] = launch.argv;
    const stdio = ['pipe', openSync(launch.log, 'a'), openSync(launch.stderr, 'a')] as const;
    if (user !== undefined) giveTo(user, root, [root]);
    const as = user === undefined ? {} : { uid: user, gid: user };
    const child = spawn(program, args, { cwd: launch.cwd, env: { ...launch.env, TAC8_RUN: launch.run }, stdio: [...stdio], ...as });
    children.add(child);
    const exited = new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === 'SIGKILL' ? 9 : signal === 'SIGINT' ? 2 : 15)));
    });
    // A program that ends without reading its prompt closes the pipe: that is its affair, not a failure of the bench.
    child.stdin?.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
    child.stdin?.write(launch.stdin.prompt);
    if (launch.stdin.kind === 'file') child.stdin?.end();
    let stream = one.stream;
    const facts = async (): Promise<StreamFacts> => {
      stream = await agents.follow({ ...one, stream }, Date.now());
      return stream;
    };
    const until: Started['until'] = async (fits, what) => {
      for (const end = Date.now() + 15_000; Date.now() < end; ) {
        const now = await facts();
        if (fits(now)) return now;
        await sleep(20);
      }
      throw new Error(`not within 15 s: ${what}; last: ${JSON.stringify(stream)}`);
    };
    return { child, launch, facts, until, exited };
  }

  async function close(): Promise<void> {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(root, { recursive: true, force: true, maxRetries: 3 });
  }
  return { root, worktree, settings, prepare, start, close };
}
