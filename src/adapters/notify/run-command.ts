import { spawn } from 'node:child_process';
import { PortError } from '../../engine/ports.ts';

export interface CommandOptions {
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeLimit: number;
}

const MOST_KEPT = 500;

/**
 * Runs a program with a text on its stdin; answers the beginning of what it said. It leads a process group of its own, which is ended with it when
 * the time is over. Throws a PortError for any end but 0.
 */
export function runCommand(
  argv: readonly [string, ...string[]],
  input: string,
  options: CommandOptions,
  signal: AbortSignal,
): Promise<string> {
  const [program, ...args] = argv;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(program, args, { cwd: options.cwd, env: options.env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  let said = '';
  let late: string | null = null;
  const end = (why: string): void => {
    late ??= why;
    if (child.pid !== undefined) endGroup(child.pid);
    // Somebody who left its group may hold the pipes open.
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
  };
  const timer = setTimeout(() => end(`took longer than ${options.timeLimit / 1000} s`), options.timeLimit);
  const onAbort = (): void => end('was given up');
  signal.addEventListener('abort', onAbort, { once: true });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('error', () => undefined); // destroyed above
    stream.on('data', (chunk: Buffer) => {
      if (said.length < MOST_KEPT) said += chunk.toString();
    });
  }
  // It may end without having read a word.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  child.once('error', (error) => settle(() => reject(new PortError('retryable', `${program} cannot be started: ${error.message}`))));
  child.once('close', (code, killedBy) => settle(() => (code === 0 && late === null ? resolve(words()) : reject(failure(code, killedBy)))));

  const words = (): string => said.slice(0, MOST_KEPT).replace(/\s+/g, ' ').trim();
  const failure = (code: number | null, killedBy: string | null): PortError =>
    new PortError('retryable', `${program} ${late ?? `ended with ${killedBy ?? code}`}${said === '' ? '' : `: ${words()}`}`);
  function settle(how: () => void): void {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    how();
  }
  return promise;
}

function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
