import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createLines } from './lines.ts';

/** A process of the agent. */
export interface Child {
  readonly write: (line: string) => void;
  readonly endInput: () => void;
  readonly signal: (name: NodeJS.Signals) => void;
  /** It, or what it has started, goes on: it has started something, and neither is held. */
  readonly isAtWork: () => boolean;
}

export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildSide {
  readonly line: (line: string) => void;
  /** Variables besides this process's own. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Once, after its last line. */
  readonly ended: (end: ChildEnd) => void;
}

/** How long its output is waited for after its end: something that it started may hold it open for ever. */
const LAST_WORDS = 2000;

/** Starts it. What it writes to stderr goes on to this process's. A program that cannot be run ends as a shell has it: 127, or 126. */
export function startChild([program, ...args]: readonly [string, ...string[]], cwd: string, side: ChildSide): Child {
  let isOver = false;
  let end: ChildEnd | null = null;
  const child: ChildProcess = spawn(program, args, {
    cwd,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...side.variables },
  });
  const lines = createLines(side.line);
  const over = (): void => {
    if (isOver || end === null) return;
    isOver = true;
    lines.end();
    side.ended(end);
  };
  child.stdout?.on('data', (piece: Buffer) => lines.add(piece));
  // It may be gone before it has read what it was told.
  child.stdin?.on('error', () => undefined);
  child.on('error', (error: NodeJS.ErrnoException) => {
    process.stderr.write(`${program}: ${error.message}\n`);
    end ??= { code: error.code === 'ENOENT' ? 127 : 126, signal: null };
    over();
  });
  child.on('exit', (code, signal) => {
    end = { code, signal };
    setTimeout(over, LAST_WORDS).unref();
  });
  child.on('close', over);
  return {
    write: (line) => void child.stdin?.write(line),
    endInput: () => void child.stdin?.end(),
    signal: (name) => void child.kill(name),
    isAtWork: () => child.pid !== undefined && isAtWork(child.pid),
  };
}

/** By what the kernel shows; where it shows nothing, it is taken to be at work. */
function isAtWork(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/task`)) return true;
  const threads = listing(`/proc/${pid}/task`);
  const started = threads.flatMap((thread) => text(`/proc/${pid}/task/${thread}/children`).split(' '));
  const processes = started.filter((one) => /^\d+$/.test(one));
  return processes.length > 0 && ![String(pid), ...processes].some((one) => /\) [TtZX] /.test(text(`/proc/${one}/stat`)));
}

function listing(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return []; // ended meanwhile
  }
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the same
  }
}
