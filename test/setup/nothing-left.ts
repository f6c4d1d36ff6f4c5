import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Leftover, processesOf } from './leftovers.ts';

/** How long processes that are being ended may take to be gone after the last test. */
const PATIENCE_MS = 3_000;
/** Node and vitest keep these in the folder for temporary files. */
const NOT_OURS = /^(node-compile-cache|vitest-|ssr)/;

/**
 * Gives the whole test run a folder for temporary files of its own, and fails the run when a process that has to do
 * with it, or anything in it, is left at the end.
 */
export default function setup(): () => Promise<void> {
  const before = process.env.TMPDIR;
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'tac8-tests-')));
  process.env.TMPDIR = root;
  return async () => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    const running = await stillRunning(root);
    // Named, then ended: they would only disturb whatever runs next.
    for (const { pid } of running) kill(pid);
    const files = readdirSync(root)
      .filter((name) => !NOT_OURS.test(name))
      .map((name) => `${name}${within(join(root, name))}`);
    rmSync(root, { recursive: true, force: true, maxRetries: 3 });
    const lines = [
      ...running.map(({ pid, command, by }) => `  process ${pid} (known by its ${by}): ${command}`),
      ...files.map((name) => `  in the folder for temporary files: ${name}`),
    ];
    if (lines.length === 0) return;
    process.exitCode = 1;
    throw new Error(`the tests left something behind:\n${lines.join('\n')}`);
  };
}

/** Tells what wrote there, where the name of the folder does not. */
function within(path: string): string {
  try {
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
    return names.length === 0 ? ' (empty)' : ` (${names.length} in it: ${names.slice(-5).join(', ')})`;
  } catch {
    return '';
  }
}

async function stillRunning(root: string): Promise<readonly Leftover[]> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    // Vitest's own workers are our children; they were given the folder as well.
    const found = processesOf(root).filter(({ parent }) => parent !== process.pid);
    if (found.length === 0 || Date.now() > deadline) return found;
    await delay(50);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
