import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FakeGitHub, startFakeGitHub } from '../../src/forge-fake/server.ts';
import { until } from '../measure.ts';
import type { Bench } from '../row.ts';

/** A repository that tac8 works on, and the daemon as a program: what it does is read from the outside. */
export interface World {
  /** The checkout. */
  readonly root: string;
  /** Null: local tasks alone. */
  readonly github: FakeGitHub | null;
  /** Starts a daemon; answers it when it has looked once. */
  start(env?: Readonly<Record<string, string>>): Promise<Daemon>;
  /** Rows of the daemon's database, read beside it. */
  rows(query: string): readonly Readonly<Record<string, unknown>>[];
  /** What daemons have told of a task so far, times in ms since 1970. */
  history(task: string): readonly { readonly at: number; readonly event: string }[];
  /** Ends the daemon and every worker, by force. */
  close(): Promise<void>;
}

export interface Daemon {
  readonly pid: number;
  /** Milliseconds from the command to the end of the first tick. */
  readonly firstTick: number;
  readonly metrics: () => Promise<Metrics>;
  /** Ends it by kill -9; its workers go on. */
  kill(): Promise<void>;
  /** Resolves when it has left by itself. */
  readonly left: Promise<unknown>;
}

/** `name{labels}` → value. */
export type Metrics = ReadonlyMap<string, number>;

export interface WorldSetting {
  readonly name: string;
  /** Lines of tac8.yaml besides where the forge is. */
  readonly settings: string;
  /** Files of the repository. */
  readonly files?: Readonly<Record<string, string>>;
  /** A bare repository to clone instead. */
  readonly source?: string;
  readonly forge?: boolean;
  /** Settings of `github`, besides where it is. */
  readonly forgeSettings?: string;
}

/** A fresh world in the bench's folder; no daemon runs yet. */
export async function createWorld(bench: Bench, setting: WorldSetting): Promise<World> {
  const dir = join(bench.dir, setting.name);
  mkdirSync(dir);
  const root = join(dir, 'checkout');
  const log = join(dir, 'daemon.log');
  const github = setting.forge ? await startForge(dir, setting) : null;
  const git = (...args: string[]): void => void execFileSync('git', args, { env: bench.env, stdio: 'ignore', timeout: 300_000 });
  const source = github?.bare ?? setting.source;
  if (source === undefined) firstCommit(root, setting.files ?? { 'README.md': 'Hi\n' }, git);
  else git('clone', '--quiet', source, root);
  // A local path would be taken for a forge's address.
  if (github === null && source !== undefined) git('-C', root, 'remote', 'remove', 'origin');
  else if (github !== null) git('-C', root, 'remote', 'set-url', 'origin', github.cloneUrl);
  git('-C', root, 'config', 'user.name', 'Bench');
  git('-C', root, 'config', 'user.email', 'bench@example.org');
  const forge =
    github === null
      ? ''
      : `repo: acme/widgets\ngithub: { api_url: ${github.url}${setting.forgeSettings === undefined ? '' : `, ${setting.forgeSettings}`} }\n`;
  writeFileSync(join(root, 'tac8.yaml'), `${forge}http: { port: 0 }\n${setting.settings}`);
  let daemon: ChildProcess | null = null;
  return {
    root,
    github,
    async start(env = {}) {
      const token = github === null ? {} : { GITHUB_TOKEN: github.token('tac8-bot') };
      const { child, ...started } = await launch(bench, root, log, { ...token, ...env });
      daemon = child;
      return started;
    },
    rows: (query) => readRows(join(root, '.tac8/tac8.db'), query),
    history: (task) => historyOf(log, task),
    async close() {
      if (daemon !== null) await kill(daemon);
      for (let round = 0; round < 100 && workersOf(root).length > 0; round += 1) {
        for (const pid of workersOf(root)) endNow(pid);
        await sleep(50);
      }
      await github?.close();
    },
  };
}

function startForge(dir: string, { files = { 'README.md': 'Hi\n' } }: WorldSetting): Promise<FakeGitHub> {
  const users = [
    { login: 'mara', role: 'maintain' },
    { login: 'tac8-bot', role: 'write' },
  ] as const;
  return startFakeGitHub({ dir: join(dir, 'forge'), repo: { owner: 'acme', name: 'widgets' }, files, users });
}

function firstCommit(root: string, files: Readonly<Record<string, string>>, git: (...args: string[]) => void): void {
  git('init', '--quiet', '--initial-branch=main', root);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  git('-C', root, 'add', '--all');
  git('-C', root, '-c', 'user.name=Bench', '-c', 'user.email=bench@example.org', 'commit', '--quiet', '-m', 'First');
}

async function launch(bench: Bench, root: string, log: string, env: Readonly<Record<string, string>>) {
  const address = join(root, '.tac8/http.json');
  rmSync(address, { force: true });
  const output = openSync(log, 'a');
  const began = performance.now();
  const child = spawn(bench.tac8, ['start', '--json'], { cwd: root, env: { ...bench.env, ...env }, stdio: ['ignore', output, output] });
  closeSync(output);
  const left = once(child, 'exit');
  const { pid } = child;
  if (pid === undefined) throw new Error('the daemon has no pid');
  const metrics = async (): Promise<Metrics> => {
    const { url } = JSON.parse(readFileSync(address, 'utf8')) as { url: string };
    const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(30_000) });
    const lines = [...(await answer.text()).matchAll(/^(\w+(?:\{[^}]*\})?) (\S+)$/gm)];
    return new Map(lines.map(([, name = '', value]) => [name, Number(value)]));
  };
  try {
    await until(
      'the daemon’s first tick',
      async () => {
        if (child.exitCode !== null) throw new Error(`the daemon ended with ${child.exitCode}: ${readFileSync(log, 'utf8').slice(-2000)}`);
        return existsSync(address) && ((await metrics().catch(() => null))?.get('tac8_tick_seconds_count') ?? 0) > 0;
      },
      { every: 20, limitMs: 300_000 },
    );
  } catch (error) {
    await kill(child);
    throw error;
  }
  return { child, pid, firstTick: performance.now() - began, metrics, kill: () => kill(child), left };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

function readRows(path: string, query: string): readonly Readonly<Record<string, unknown>>[] {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 10_000 });
  try {
    return database.prepare(query).all();
  } finally {
    database.close();
  }
}

function historyOf(log: string, task: string): { at: number; event: string }[] {
  const lines = readFileSync(log, 'utf8').split('\n');
  const entries = lines
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { at: string; task: string; event: string });
  return entries.filter((entry) => entry.task === task).map(({ at, event }) => ({ at: Date.parse(at), event }));
}

/** Processes that bear the mark of a run of this repository, zombies apart; the daemon and git have none. */
export function workersOf(root: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => bearsMark(pid, `TAC8_RUN_DIR=${root}/`));
}

function bearsMark(pid: number, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark);
  } catch {
    // It ended while it was looked at, or is a zombie.
    return false;
  }
}

function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was faster.
  }
}

/** A file changed as an editor saves it: a new file over the old one. */
export function addTasks(text: string, titles: readonly string[]): string {
  const lines = titles.map((title) => `[] ${title}\n`).join('');
  return text.includes('## Pending\n') ? text.replace('## Pending\n', `## Pending\n${lines}`) : `${text}## Pending\n${lines}`;
}
