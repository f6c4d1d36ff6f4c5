import { existsSync, lstatSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { PortError } from '../../../engine/ports/error.ts';
import { holdWhole } from '../../../files/write-whole.ts';
import { runChild } from '../../process/child/child.ts';
import { filtersAmong } from '../view/filters.ts';
import { makeGuard } from '../view/guard.ts';
import type { Keeps } from '../view/start.ts';
import { createViews, privateFolderOf } from '../view/view.ts';
import { ownerMark } from './abandoned.ts';
import { ownIdentity } from './own-identity.ts';
import { sortGitFailure } from './sort-failure.ts';

/** What a finished git said. `stdout` is bytes as latin1, so that file names of any encoding go through unchanged. */
export interface GitOutput {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface GitCall {
  readonly cwd?: string;
  /** Added to the environment, which is otherwise built from nothing; undefined takes a name out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Settings of the strongest kind, above those of the repository; by environment, never on the command line. */
  readonly config?: readonly (readonly [key: string, value: string])[];
  /** latin1: one character is one byte. */
  readonly input?: string;
  /** What git's children may read once from file descriptor 3: a pipe, so that no listing of processes or files shows it. */
  readonly secret?: string;
  /**
   * Whose settings git reads. Default: ours in place of the repository's, see view.ts. `own`: those of a repository that tac8 made for itself.
   * `shared`: the repository's, for commands that only say what stands there. `lazy`: ours, and git may fetch what a partial clone lacks.
   */
  readonly settings?: 'own' | 'shared' | 'lazy';
  /** Makes a worktree: what the main checkout leaves out counts as the view has it. */
  readonly makes?: boolean;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Exit codes that are answers, not failures. Default: 0 alone. */
  readonly codes?: readonly number[];
}

/** Runs git once. Throws a sorted PortError with git's own words. */
export type Git = (args: readonly string[], call?: GitCall) => Promise<GitOutput>;

export interface GitOptions {
  /** Where git is run unless a call says otherwise. */
  readonly cwd: string;
  /** A private folder: holds the empty HOME and our own git settings. */
  readonly stateDir: string;
  readonly timeoutMs: () => number;
  /** The filters that may run (`lfs`), as the person's own settings name them; none of the repository's ever does. */
  readonly filters?: readonly string[];
  /** Default: PATH of this process. */
  readonly path?: string;
  /** Of a daemon; left out: the repository's settings count as they are now. */
  readonly keeps?: Keeps;
}

/** More than any listing that is read here; a flood is an error, not a full memory. */
const MAX_OUTPUT = 128 * 1024 * 1024;

/**
 * In KiB, of what a git keeps in memory itself; files that it looks into are not counted. Four trees of a worker's that name one another a hundred
 * times are a hundred million files to it.
 */
const MEMORY = Math.floor(Math.min(3 * 1024 ** 3, totalmem() / 2) / 1024);
/** The shell becomes git. */
const IN_BOUNDS = ['-c', 'ulimit -d "$1" 2>/dev/null; shift; exec git "$@"', 'git', String(MEMORY)] as const;
const NOT_FOUND = 127;

/** For everything that the coordinator itself does, whatever the settings say. */
const ALWAYS: readonly (readonly [string, string])[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.attributesFile', '/dev/null'],
  // Else a file in our HOME would say what is no work.
  ['core.excludesFile', '/dev/null'],
  ['core.fsmonitor', 'false'],
  // Both are files that say of the history what is so, and that git does not look after.
  ['core.commitGraph', 'false'],
  ['core.multiPackIndex', 'false'],
  ['core.quotePath', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['commit.gpgSign', 'false'],
  ['push.gpgSign', 'false'],
  ['submodule.recurse', 'false'],
  // A remote that says nothing ends the wait also where nobody is left to count the time.
  ['http.lowSpeedLimit', '1'],
  ['http.lowSpeedTime', '120'],
];

const OWN_SETTINGS = '[user]\n\tname = tac8\n\temail = tac8@localhost\n[advice]\n\tdetachedHead = false\n\taddEmbeddedRepo = false\n';

/** Settings as GIT_CONFIG_COUNT/KEY/VALUE: nobody sees them in `ps`, nothing writes them to a file. */
export function configEnv(settings: readonly (readonly [string, string])[]): Record<string, string> {
  const env: Record<string, string> = { GIT_CONFIG_COUNT: String(settings.length) };
  settings.forEach(([key, value], n) => {
    env[`GIT_CONFIG_KEY_${n}`] = key;
    env[`GIT_CONFIG_VALUE_${n}`] = value;
  });
  return env;
}

/** What git is told of where it is, beside the settings. */
interface Whereabouts {
  readonly env: Readonly<Record<string, string>>;
  readonly config: readonly (readonly [string, string])[];
}

/** Makes the one function through which git is run. Writes the private HOME and settings at its first use. */
export function createGit(options: GitOptions): Git {
  const home = join(options.stateDir, 'git');
  const settings = join(home, 'gitconfig');
  const path = options.path ?? process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin';
  const views = createViews(join(home, 'views'), options.filters ?? [], options.keeps);
  const base: Record<string, string> = {
    PATH: path,
    HOME: join(home, 'home'),
    ...ownerMark(options.stateDir),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: settings,
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    // Where something is fetched, the call says over what.
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_EDITOR: 'false',
    GIT_PAGER: 'cat',
    LC_ALL: 'C',
  };
  const personalFilters = async (): Promise<string> => {
    const { filters = [] } = options;
    if (filters.length === 0) return '';
    // With this GIT_DIR git finds no repository, and so none of its settings.
    const env = { ...base, ...ownIdentity(), GIT_DIR: '/dev/null' };
    const args = ['config', '-z', '--get-regexp', '^filter\\.'];
    const { stdout } = await runOnce(args, { cwd: home, env, timeoutMs: options.timeoutMs() });
    return filtersAmong(stdout, filters);
  };
  let prepared: Promise<string | null> | null = null;
  const prepare = async (): Promise<string | null> => {
    await mkdir(join(home, 'home'), { recursive: true, mode: 0o700 });
    // Another tac8 process may read it at this moment: never half of it.
    const allowed = await personalFilters();
    await holdWhole(settings, OWN_SETTINGS + allowed);
    // For the git of workers, which is not given the settings of ours.
    await holdWhole(join(home, 'filters'), allowed);
    return makeGuard(join(home, 'exec'), path);
  };
  let rootDir: Promise<string> | null = null;
  /** Looked up once: a `.git` file that is rewritten meanwhile leads nowhere else. */
  const gitDirOfRoot = (): Promise<string> => {
    rootDir ??= privateFolderOf(options.cwd);
    rootDir.catch(() => {
      rootDir = null;
    });
    return rootDir;
  };
  const locate = async (call: GitCall, guard: string | null): Promise<Whereabouts> => {
    if (call.settings === 'own') return { env: {}, config: [] };
    // Whose the files are was asked before anything began; these calls only read settings.
    if (call.settings === 'shared') return { env: {}, config: [['safe.directory', '*']] };
    const given = call.env?.GIT_DIR;
    if (given === undefined && call.cwd !== undefined && call.cwd !== options.cwd) {
      throw new PortError('terminal', `git is to run in ${call.cwd}, and nobody said in which repository`);
    }
    const gitDir = given ?? (await gitDirOfRoot());
    const view = await views.of(gitDir, given === undefined);
    const own = call.makes === true ? view.from : view.standsIn ? view.folder : gitDir;
    const where = given === undefined ? { GIT_DIR: own, GIT_WORK_TREE: options.cwd } : {};
    const guarded = guard === null || call.settings === 'lazy' ? {} : { GIT_EXEC_PATH: guard };
    return { env: { ...where, ...guarded, GIT_COMMON_DIR: view.folder }, config: view.settings };
  };
  const ours = [settings, join(home, 'filters'), join(home, 'exec', 'git')];
  const stampOfOurs = (): string => ours.map(stampOf).join();
  let stamp: string | null = null;
  const mayBeMadeAnew = watchGone(options.stateDir);
  return async (args, call = {}) => {
    if (stamp !== null && !mayBeMadeAnew()) throw new PortError('retryable', `${options.stateDir} is gone: git waits for it to come back`);
    // They name programs, and a worker without a sandbox can write them, or take them away: nobody does without a trace.
    if (stamp !== null && stamp !== stampOfOurs()) {
      stamp = null;
      prepared = null;
    }
    prepared ??= prepare();
    let guard: string | null;
    try {
      guard = await prepared;
      stamp ??= stampOfOurs();
    } catch (cause) {
      prepared = null;
      throw new PortError('retryable', `cannot write ${settings}: ${String(cause)}`, {
        hint: 'Is the folder writable, the disk full?',
        cause,
      });
    }
    const where = await locate(call, guard);
    const env = { ...base, ...where.env, ...configEnv([...where.config, ...ALWAYS, ...(call.config ?? [])]), ...call.env };
    const output = await runOnce(args, { ...call, cwd: call.cwd ?? options.cwd, env, timeoutMs: call.timeoutMs ?? options.timeoutMs() });
    if ((call.codes ?? [0]).includes(output.code)) return output;
    throw sortGitFailure(args, output);
  };
}

/** Somebody who moved it away may bring it back; a new one would stand in its way. */
const COMES_BACK_WITHIN = 90_000;

/** False while the folder is not there, for that long. */
function watchGone(folder: string): () => boolean {
  let since: number | null = null;
  return () => {
    since = existsSync(folder) ? null : (since ?? performance.now());
    return since === null || performance.now() - since > COMES_BACK_WITHIN;
  };
}

function stampOf(path: string): string {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? '-' : `${found.ino} ${found.mode} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`;
}

interface OneRun extends GitCall {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
}

/** The time limit also ends git's children (ssh, remote helpers, filters). */
async function runOnce(args: readonly string[], { cwd, env, timeoutMs, signal, secret, input = '' }: OneRun): Promise<GitOutput> {
  const { end, out, err } = await runChild('/bin/sh', [...IN_BOUNDS, ...args], {
    ...{ cwd, env, timeoutMs, signal },
    ...(input === '' ? {} : { input: { text: input, encoding: 'latin1' } }),
    ...(secret === undefined ? {} : { secret }),
    output: { most: MAX_OUTPUT, beyond: 'end' },
  });
  const stderr = err.toString('utf8');
  switch (end.kind) {
    case 'exit':
      if (end.code === NOT_FOUND && /exec: .*git: not found/.test(stderr)) throw notStarted(args, cwd, NO_GIT);
      return { code: end.code, stdout: out.toString('latin1'), stderr };
    case 'signal':
      // What git itself came to grief at may be a worker's, and then it does so each time.
      throw new PortError(
        /^SIG(?:SEGV|ABRT|BUS|FPE|ILL)$/.test(end.by) ? 'unknown' : 'retryable',
        `git ${args.join(' ')} was ended by ${end.by}: ${stderr.trim()}`,
      );
    case 'late':
      throw tooSlow(args, timeoutMs);
    case 'given up':
      throw interrupted(args);
    case 'flood':
      throw new PortError('terminal', `git ${args[0]}: more than ${MAX_OUTPUT} bytes of output`);
    case 'not started':
      throw notStarted(args, cwd, end.error);
  }
}

const NO_GIT = Object.assign(new Error('spawn git ENOENT'), { code: 'ENOENT' });

const interrupted = (args: readonly string[]): PortError =>
  new PortError('retryable', `git ${args.join(' ')} was given up: no longer wanted`);

const tooSlow = (args: readonly string[], ms: number): PortError =>
  new PortError('retryable', `git ${args.join(' ')} took longer than ${ms} ms and was ended`, {
    hint: 'Look at the disk and the network; `limits.git` in tac8.yaml is the time that git has.',
  });

function notStarted(args: readonly string[], cwd: string, cause: NodeJS.ErrnoException): PortError {
  const hint = cause.code === 'ENOENT' ? `Is git installed and on PATH, and does ${cwd} exist?` : '';
  return new PortError('terminal', `git ${args[0] ?? ''} could not be started in ${cwd}: ${cause.message}`, { hint, cause });
}
