import { execFileSync, spawn } from 'node:child_process';

export interface TerminalEnd {
  readonly code: number | null;
  /** It was ended by this signal, or the terminal went away. */
  readonly signal: NodeJS.Signals | null;
}

/**
 * Runs a program that has the terminal to itself, and waits for its end. Keys and their signals are the program's; a SIGTERM or a hangup for us is handed on.
 * Afterwards the terminal is as it was before, also when the program was killed in the midst of drawing. Rejects where it cannot be started.
 */
export async function runInTerminal(
  argv: readonly [string, ...string[]],
  { cwd, env, files = [] }: { readonly cwd: string; readonly env: Readonly<Record<string, string>>; readonly files?: readonly number[] },
): Promise<TerminalEnd> {
  const settings = stty('-g');
  const [program, ...args] = argv;
  let sent: NodeJS.Signals | null = null;
  const child = spawn(program, args, { cwd, env, stdio: ['inherit', 'inherit', 'inherit', ...files] });
  const handOn = (signal: NodeJS.Signals): void => {
    sent = signal;
    child.kill(signal);
  };
  const ignore = (): void => undefined;
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.on(signal, ignore);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, handOn);
  try {
    return await new Promise<TerminalEnd>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal: sent ?? signal }));
    });
  } finally {
    for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.off(signal, ignore);
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.off(signal, handOn);
    restore(settings);
  }
}

/** Null: there is no terminal any more, or no `stty`. */
function stty(...args: string[]): string | null {
  try {
    return execFileSync('stty', args, { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8', timeout: 5_000 }).trim();
  } catch {
    // A terminal that is gone needs no repair.
    return null;
  }
}

function restore(settings: string | null): void {
  if (settings === null || stty('-g') === settings) return;
  stty(settings);
  // Left in the midst of drawing: no alternate screen, a cursor, no mouse and paste reports.
  process.stdout.write('\u001b[?1049l\u001b[?25h\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1006l\u001b[?2004l\u001b[0m\r\n');
}
