import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** How a program ended, and all that it said. */
export interface Ended {
  /** Null: a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface Program {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  isRunning(): boolean;
  /** What it has said so far. */
  out(): string;
  err(): string;
  /** Sends the signal and waits for the end; SIGKILL when it does not come. */
  end(signal: NodeJS.Signals, patience?: number): Promise<Ended>;
}

export interface ProgramOptions {
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Who it runs as, where that is another one. */
  readonly user?: number;
}

/** Starts a program that is not a shell, its output kept. */
export function startProgram(argv: readonly [string, ...string[]], { cwd, env, user }: ProgramOptions): Program {
  const [file, ...args] = argv;
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], ...(user === undefined ? {} : { uid: user, gid: user }) });
  const out = collect(child.stdout);
  const err = collect(child.stderr);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, out: out(), err: err() }));
  });
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    pid: child.pid ?? 0,
    child,
    ended,
    isRunning,
    out,
    err,
    async end(signal, patience = 60_000) {
      child.kill(signal);
      const late = new AbortController();
      const kill = sleep(patience, undefined, { signal: late.signal }).then(
        () => child.kill('SIGKILL'),
        () => false,
      );
      const how = await ended;
      late.abort();
      await kill;
      return how;
    },
  };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}

/** Asks again and again until the answer is something; throws with `why()` when it takes too long. */
export async function until<T>(
  what: string,
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  { within = 60_000, every = 25, why = (): string => '' }: { within?: number; every?: number; why?: () => string } = {},
): Promise<T> {
  const deadline = Date.now() + within;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`not within ${within / 1000} s: ${what}\n${why()}`);
    await sleep(every);
  }
}
