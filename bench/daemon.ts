import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FakeGitHub, startFakeGitHub } from '../src/forge-fake/server.ts';
import type { Bench } from './row.ts';

export interface BenchDaemon {
  readonly github: FakeGitHub;
  /** The checkout that the daemon works on. */
  readonly root: string;
  readonly pid: number;
  /** What the daemon has told of a task so far, times in ms since 1970. */
  history(task: string): readonly { readonly at: number; readonly event: string }[];
  close(): Promise<void>;
}

export interface DaemonSetting {
  readonly name: string;
  /** Lines of tac8.yaml besides where the forge is. */
  readonly settings: string;
  /** Files of the repository. */
  readonly files: Readonly<Record<string, string>>;
}

/** The built daemon on a fresh clone of a fake GitHub's repository; waits until it has asked for the issues once. */
export async function startBenchDaemon(bench: Bench, { name, settings, files }: DaemonSetting): Promise<BenchDaemon> {
  const dir = join(bench.dir, name);
  mkdirSync(dir);
  const users = [
    { login: 'mara', role: 'maintain' },
    { login: 'tac8-bot', role: 'write' },
  ] as const;
  const github = await startFakeGitHub({ dir: join(dir, 'forge'), repo: { owner: 'acme', name: 'widgets' }, files, users });
  const root = join(dir, 'checkout');
  let child: ChildProcess | null = null;
  const close = async (): Promise<void> => {
    if (child) await end(child);
    await github.close();
  };
  try {
    const git = (...args: string[]): void => void execFileSync('git', args, { env: bench.env, stdio: 'ignore', timeout: 60_000 });
    git('clone', '--quiet', github.bare, root);
    git('-C', root, 'remote', 'set-url', 'origin', github.cloneUrl);
    writeFileSync(join(root, 'tac8.yaml'), `repo: acme/widgets\ngithub: { api_url: ${github.url} }\n${settings}`);
    child = launch(bench, root, github.token('tac8-bot'), join(dir, 'daemon.log'));
    await github.journal.waitFor((entry) => entry.path.includes('/issues?') && entry.status === 200, 30_000);
    const { pid } = child;
    if (pid === undefined) throw new Error('the daemon has no pid');
    return { github, root, pid, history: (task) => historyOf(join(dir, 'daemon.log'), task), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function launch(bench: Bench, root: string, token: string, log: string): ChildProcess {
  const output = openSync(log, 'a');
  try {
    return spawn(bench.installed, ['start', '--json'], {
      cwd: root,
      env: { ...bench.env, GITHUB_TOKEN: token },
      stdio: ['ignore', output, output],
    });
  } finally {
    closeSync(output);
  }
}

function historyOf(log: string, task: string): { at: number; event: string }[] {
  const lines = readFileSync(log, 'utf8').split('\n');
  const entries = lines
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { at: string; task: string; event: string });
  return entries.filter((entry) => entry.task === task).map(({ at, event }) => ({ at: Date.parse(at), event }));
}

/** Drain, then leave, then by force; the workers of these benchmarks end by themselves. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const again = setTimeout(() => child.kill('SIGTERM'), 5_000);
  const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(again);
  clearTimeout(force);
}
