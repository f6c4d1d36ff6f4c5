import { lstat } from 'node:fs/promises';
import { PortError } from '../../engine/ports/error.ts';
import { runChild } from '../process/child/child.ts';

const LIMIT = 60_000;

/**
 * How much of the disk these folders take, those that are there. `du` is asked: it counts a file of two names once, stays on one file system, and
 * holds few names at a time, whatever a worker has put there. Throws where it does not come to an end.
 */
export async function sizeOf(folders: readonly string[]): Promise<number> {
  const there = await Promise.all(
    folders.map(async (path) => ((await lstat(path).catch(() => null))?.isDirectory() === true ? [path] : [])),
  );
  if (there.flat().length === 0) return 0;
  const { out, end } = await runChild('/usr/bin/du', ['-skx', ...there.flat()], {
    ...{ env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' }, timeoutMs: LIMIT, output: { most: 1 << 20, beyond: 'drop' } },
  });
  if (end.kind === 'late') throw new PortError('retryable', `its files are so many that they are not counted within ${LIMIT / 1000} s`);
  // What is gone by the time it is looked at makes an exit code of 1.
  const sums = [...out.toString('latin1').matchAll(/^(\d+)\t/gm)].map(([, kib]) => Number(kib) * 1024);
  if (end.kind !== 'exit' || sums.length === 0) throw new PortError('retryable', '`du` does not say how much it is');
  return sums.reduce((sum, bytes) => sum + bytes, 0);
}
