import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/** What came of running a program. */
export type Answered =
  | { readonly kind: 'ended'; readonly code: number; readonly out: string; readonly err: string }
  | { readonly kind: 'late'; readonly ms: number }
  | { readonly kind: 'not started'; readonly why: string };

export interface AskOptions {
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
  readonly input?: string;
}

/** Runs a program once, without a shell. Never throws. */
export type AskProgram = (file: string, args: readonly string[], options: AskOptions) => Promise<Answered>;

const MOST_OUTPUT = 16 * 1024 * 1024;

/** In a process group of its own, so that the time limit ends what it has started, too; what is left of it when we leave is ended then. */
export const askProgram: AskProgram = (file, args, { env, cwd, timeoutMs = 10_000, input = '' }) =>
  new Promise((resolve) => {
    const child = spawn(file, [...args], { env, detached: true, stdio: ['pipe', 'pipe', 'pipe'], ...(cwd === undefined ? {} : { cwd }) });
    let ended: Answered | null = null;
    const end = (): void => killGroup(child.pid);
    const answer = (given: Answered): void => {
      ended ??= given;
      clearTimeout(timer);
      process.off('exit', end);
      resolve(ended);
    };
    const timer = setTimeout(() => {
      ended = { kind: 'late', ms: timeoutMs };
      end();
      // One of its children may hold the output open in a group of its own: it is not waited for.
      answer(ended);
    }, timeoutMs);
    process.once('exit', end);
    const [out, err] = [collect(child.stdout), collect(child.stderr)];
    child.on('error', (error: NodeJS.ErrnoException) => answer({ kind: 'not started', why: error.code ?? error.message }));
    child.on('close', (code, signal) =>
      answer(code === null ? { kind: 'not started', why: `ended by ${signal}` } : { kind: 'ended', code, out: out(), err: err() }),
    );
    // A program that ends before it has read everything says by its code what is wrong.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });

/** What comes on top of the most is dropped. */
function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MOST_OUTPUT) chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone already, which is what is wanted.
  }
}

/** Where a program is that is named as a command line names it; null: nowhere. `base`: what a relative path starts from. */
export function findProgram(name: string, path: string, base: string): string | null {
  const places = name.includes('/') ? [isAbsolute(name) ? name : join(base, name)] : path.split(':').map((dir) => join(dir || base, name));
  return places.find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // not there, or not to be run
  }
}
