import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PortError } from '../../engine/ports.ts';
import { ownerMark } from './abandoned.ts';
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
  readonly timeoutMs: number;
  /** Default: PATH of this process. */
  readonly path?: string;
}

/** More than any listing that is read here; a flood is an error, not a full memory. */
const MAX_OUTPUT = 512 * 1024 * 1024;

/*
 * The repository's settings are in reach of the agent, and what they name would run as the coordinator:
 * hooks and the file monitor are off for everything that the coordinator itself does.
 */
const ALWAYS: readonly (readonly [string, string])[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
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

/** Makes the one function through which git is run. Writes the private HOME and settings at its first use. */
export function createGit(options: GitOptions): Git {
  const home = join(options.stateDir, 'git');
  const settings = join(home, 'gitconfig');
  const base: Record<string, string> = {
    PATH: options.path ?? process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: join(home, 'home'),
    ...ownerMark(options.stateDir),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: settings,
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    LC_ALL: 'C',
  };
  let prepared: Promise<void> | null = null;
  const prepare = async (): Promise<void> => {
    await mkdir(join(home, 'home'), { recursive: true, mode: 0o700 });
    // Another tac8 process may read it at this moment: never half of it.
    const fresh = `${settings}.${randomBytes(4).toString('hex')}`;
    await writeFile(fresh, OWN_SETTINGS);
    await rename(fresh, settings);
  };
  return async (args, call = {}) => {
    prepared ??= prepare();
    try {
      await prepared;
    } catch (cause) {
      prepared = null;
      throw new PortError('retryable', `cannot write ${settings}: ${String(cause)}`, {
        hint: 'Is the folder writable, the disk full?',
        cause,
      });
    }
    const env = { ...base, ...configEnv([...ALWAYS, ...(call.config ?? [])]), ...call.env };
    const output = await runOnce(args, { ...call, cwd: call.cwd ?? options.cwd, env, timeoutMs: call.timeoutMs ?? options.timeoutMs });
    if ((call.codes ?? [0]).includes(output.code)) return output;
    throw sortGitFailure(args, output);
  };
}

interface OneRun extends GitCall {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
}

/** In a process group of its own, so that the time limit also ends git's children (ssh, remote helpers, filters). */
function runOnce(args: readonly string[], run: OneRun): Promise<GitOutput> {
  return new Promise((resolve, reject) => {
    if (run.signal?.aborted === true) {
      reject(interrupted(args));
      return;
    }
    const child = spawn('git', args, { cwd: run.cwd, env: run.env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    let failure: PortError | null = null;
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let size = 0;
    const end = (why: PortError): void => {
      failure ??= why;
      killGroup(child.pid);
    };
    const collect = (into: Buffer[]) => (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_OUTPUT) end(new PortError('terminal', `git ${args[0]}: more than ${MAX_OUTPUT} bytes of output`));
      else into.push(chunk);
    };
    const timer = setTimeout(() => end(tooSlow(args, run.timeoutMs)), run.timeoutMs);
    const onAbort = (): void => end(interrupted(args));
    run.signal?.addEventListener('abort', onAbort, { once: true });
    child.stdout.on('data', collect(out));
    child.stderr.on('data', collect(err));
    // A git that ends before it has read everything: its exit code tells what is wrong, the broken pipe does not.
    child.stdin.on('error', () => undefined);
    child.stdin.end(run.input ?? '', 'latin1');
    const finish = (): void => {
      clearTimeout(timer);
      run.signal?.removeEventListener('abort', onAbort);
    };
    child.on('error', (cause: NodeJS.ErrnoException) => {
      finish();
      reject(notStarted(args, run.cwd, cause));
    });
    child.on('close', (code, signal) => {
      finish();
      const output = { stdout: Buffer.concat(out).toString('latin1'), stderr: Buffer.concat(err).toString('utf8') };
      if (failure !== null) reject(failure);
      else if (code === null) reject(new PortError('retryable', `git ${args.join(' ')} was ended by ${signal}: ${output.stderr.trim()}`));
      else resolve({ code, ...output });
    });
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // Gone in the meantime: that is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const interrupted = (args: readonly string[]): PortError =>
  new PortError('retryable', `git ${args.join(' ')} was given up: no longer wanted`);

const tooSlow = (args: readonly string[], ms: number): PortError =>
  new PortError('retryable', `git ${args.join(' ')} took longer than ${ms} ms and was ended`, {
    hint: 'Look at the disk and the network; git_timeout can be raised.',
  });

function notStarted(args: readonly string[], cwd: string, cause: NodeJS.ErrnoException): PortError {
  const hint = cause.code === 'ENOENT' ? `Is git installed and on PATH, and is ${cwd} there?` : '';
  return new PortError('terminal', `git ${args[0] ?? ''} could not be started in ${cwd}: ${cause.message}`, { hint, cause });
}
