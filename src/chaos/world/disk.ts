import { execFile } from 'node:child_process';
import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../../core/words/message-of.ts';

const run = promisify(execFile);
const LIMIT = { timeout: 20_000 };
const MIB = 1 << 20;

/** A small disk under the whole repository (worktrees, logs, state, git), which can be filled to the last byte. */
export interface SmallDisk {
  fill(): void;
  free(): void;
  /** Takes it away; what is on it stays in the folder. */
  remove(): Promise<void>;
}

/** Answers why there is none where the machine does not allow it. `folder` is empty. */
export async function mountSmallDisk(folder: string, mebibytes: number): Promise<SmallDisk | string> {
  if (process.getuid?.() !== 0) return 'a small disk needs root';
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=755`, 'tac8-chaos', folder], LIMIT);
  } catch (error) {
    return `a small disk cannot be mounted here: ${firstLine(error)}`;
  }
  // Beside git's own files, where nobody takes it for work.
  const ballast = join(folder, '.git', 'ballast');
  return {
    fill: () => fillTo(ballast),
    free: () => rmSync(ballast, { force: true }),
    async remove() {
      rmSync(ballast, { force: true });
      const copy = join(dirname(folder), `${basename(folder)}.copy`);
      // `cp` and not Node: there are FIFOs in it.
      await run('cp', ['-a', folder, copy], LIMIT);
      await run('umount', ['--lazy', folder], LIMIT);
      rmSync(folder, { recursive: true, force: true });
      renameSync(copy, folder);
    },
  };
}

/** A former chaos that was killed outright may have left its disk there. */
export async function unmountFormer(folder: string): Promise<void> {
  if (!readFileSync('/proc/mounts', 'utf8').includes(`tac8-chaos ${folder.replaceAll(' ', '\\040')} `)) return;
  await run('umount', ['--lazy', folder], LIMIT);
}

function fillTo(path: string): void {
  const piece = Buffer.alloc(MIB, 'x');
  const file = openSync(path, 'w');
  try {
    for (let size = piece.length; size >= 1; size = Math.floor(size / 4)) while (writes(file, piece.subarray(0, size)));
  } finally {
    closeSync(file);
  }
}

function writes(file: number, piece: Buffer): boolean {
  try {
    return writeSync(file, piece) > 0;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false;
    throw error;
  }
}

const firstLine = (error: unknown): string => messageOf(error).trim().split('\n').at(-1) ?? '';
