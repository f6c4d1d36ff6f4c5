import { spawn } from 'node:child_process';
import { mkdir, open, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import type { TaskId } from '../../core/task.ts';
import { PortError } from '../../engine/ports.ts';
import { absent } from './files.ts';

export interface Setup {
  /** As configured, from the repository's root. */
  readonly script: string;
  readonly root: string;
  readonly tree: string;
  readonly task: TaskId;
  readonly log: string;
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Runs the setup script in a new worktree, all output to `log`. The main checkout's script is taken (a person's own copy),
 * else the worktree's. Throws a terminal PortError with the end of its output when it fails or takes too long.
 */
export async function runSetup(setup: Setup, signal: AbortSignal): Promise<void> {
  const script = await findScript(setup);
  await mkdir(join(dirname(setup.log), 'home'), { recursive: true });
  const log = await open(setup.log, 'w+');
  try {
    const ended = await runScript(script, setup, log.fd, signal);
    if (ended === 'exit 0') return;
    if (signal.aborted) throw new PortError('retryable', `the setup script ${setup.script} was given up: no longer wanted`);
    const size = (await log.stat()).size;
    const from = Math.max(0, size - 2000);
    const { buffer, bytesRead } = await log.read(Buffer.alloc(2000), 0, 2000, from);
    const tail = buffer.toString('utf8', 0, bytesRead).trim();
    throw new PortError('terminal', `the setup script ${setup.script} failed for ${setup.task} (${ended}): ${tail}`, {
      hint: `Its whole output is in ${setup.log}; mend the script, then retry.`,
    });
  } finally {
    await log.close();
  }
}

async function findScript({ script, root, tree }: Setup): Promise<string> {
  const places = isAbsolute(script) ? [script] : [join(root, script), join(tree, script)];
  for (const path of places) {
    if (await stat(path).then((found) => found.isFile(), absent(false))) return path;
  }
  throw new PortError('terminal', `the setup script ${script} is not there`, { hint: 'Check worktrees.setup in tac8.yaml.' });
}

/** Answers `exit N`, the signal's name, or why it never ran. Its whole process group ends with it. */
function runScript(script: string, setup: Setup, log: number, signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const env = { ...setup.env, TAC8_TASK: setup.task, TAC8_TREE: setup.tree, TAC8_ROOT: setup.root };
    const child = spawn(script, [], { cwd: setup.tree, env, detached: true, stdio: ['ignore', log, log] });
    let cause: string | null = null;
    const end = (why: string): void => {
      cause ??= why;
      killGroup(child.pid);
    };
    const timer = setTimeout(() => end(`longer than ${setup.timeoutMs} ms`), setup.timeoutMs);
    const onAbort = (): void => end('given up');
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    const finish = (how: string): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      killGroup(child.pid);
      resolve(cause ?? how);
    };
    child.on('error', (error) => finish(`not started: ${error.message}`));
    child.on('exit', (code, by) => finish(code === null ? `ended by ${by}` : `exit ${code}`));
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // Gone: that is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
