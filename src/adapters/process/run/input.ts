import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunId } from '../../../core/model/task.ts';
import { PortError } from '../../../engine/ports/error.ts';
import { worksIn } from '../proc/namespace.ts';
import { isAlive } from '../proc/proc.ts';
import { isInputClosed, type RunFolder, readBirth, readRunFolder } from '../proc/run-folder.ts';
import { signalBirth } from '../tree/tree.ts';

const WRITE_LIMIT = 2000;
const CLOSE_LIMIT = 2000;

/**
 * Writes one line into the agent's FIFO, whole or not at all as far as the kernel allows (more than 64 KiB to an agent that does not read
 * may stay half written; the error says so). Waits for the prompt to be taken and for room, up to two seconds, then throws a retryable
 * PortError; a terminal one where there is no input to write to.
 */
export async function sayLine(runsDir: string, run: RunId, line: string): Promise<void> {
  const text = line.endsWith('\n') ? line.slice(0, -1) : line;
  if (text.includes('\n'))
    throw new PortError('terminal', `the message to ${run} contains a line break: ${JSON.stringify(text.slice(0, 80))}`);
  const deadline = performance.now() + WRITE_LIMIT;
  const folder = readRunFolder(runsDir, run);
  mustListen(folder, run);
  for (let wait = 2; isFeeding(folder); wait = Math.min(wait * 2, 50)) {
    if (performance.now() > deadline) throw new PortError('retryable', `the agent of ${run} has not yet read its whole prompt`);
    await pause(wait);
  }
  await writeAll(join(folder.path, 'in'), Buffer.from(`${text}\n`), run, deadline);
}

/** Lets the agent's stdin end once it has read what is in it. Nothing to do where it has ended. Throws a retryable PortError when the parent does not answer. */
export async function closeInput(runsDir: string, run: RunId): Promise<void> {
  const deadline = performance.now() + CLOSE_LIMIT;
  for (let wait = 2; ; wait = Math.min(wait * 2, 50)) {
    const folder = readRunFolder(runsDir, run);
    if (isInputClosed(folder.path) || folder.parent === null || !worksIn(folder.parent.pid, folder.path)) return;
    if (!signalBirth(folder.parent, 'SIGUSR1')) return;
    if (performance.now() > deadline)
      throw new PortError('retryable', `the parent of ${run} (pid ${folder.parent.pid}) has not closed the input`);
    await pause(wait);
  }
}

function mustListen(folder: RunFolder, run: RunId): void {
  const why =
    folder.agent === null || !isAlive(folder.agent)
      ? 'its agent is not running'
      : isInputClosed(folder.path) || folder.parent === null || !isAlive(folder.parent)
        ? 'its input has ended'
        : null;
  if (why !== null)
    throw new PortError('terminal', `${run} cannot be told anything: ${why}`, { hint: 'Retry with --continue to go on with a message.' });
}

function isFeeding(folder: RunFolder): boolean {
  const feeder = readBirth(join(folder.path, 'feeder'));
  return feeder !== null && isAlive(feeder);
}

async function writeAll(path: string, bytes: Buffer, run: RunId, deadline: number): Promise<void> {
  const fifo = openFifo(path, run);
  try {
    let done = 0;
    for (let wait = 2; done < bytes.length; wait = Math.min(wait * 2, 50)) {
      done += writeSome(fifo, bytes, done);
      if (done === bytes.length) return;
      if (performance.now() > deadline) {
        throw new PortError(
          done === 0 ? 'retryable' : 'unknown',
          `the agent of ${run} does not read its input: ${done} of ${bytes.length} bytes written`,
        );
      }
      await pause(wait);
    }
  } finally {
    closeSync(fifo);
  }
}

function openFifo(path: string, run: RunId): number {
  let fifo: number;
  try {
    fifo = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new PortError('terminal', `${run} takes no input (${code === 'ENOENT' ? 'it was given its prompt as a file' : code})`, {
      cause: error,
    });
  }
  if (fstatSync(fifo).isFIFO()) return fifo;
  closeSync(fifo);
  throw new PortError('terminal', `${path} is not a FIFO`);
}

function writeSome(fifo: number, bytes: Buffer, from: number): number {
  try {
    return writeSync(fifo, bytes, from);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'EAGAIN') return 0;
    throw new PortError('retryable', `the input of the agent broke: ${String(code)}`, { cause: error });
  }
}
