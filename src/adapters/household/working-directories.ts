import { readdir, readlink, realpath } from 'node:fs/promises';
import { PortError } from '../../engine/ports/error.ts';

interface WorkingDirectory {
  readonly pid: number;
  readonly cwd: string;
}

/**
 * Where each live process works: those of a worker that nobody knows of any more, a person's shell.
 * Processes of other users do not tell theirs and are left out. Throws a PortError where /proc cannot be read.
 */
export async function workingDirectories(): Promise<readonly WorkingDirectory[]> {
  const names = await readdir('/proc').catch((error: NodeJS.ErrnoException) => {
    throw new PortError('unknown', `/proc cannot be read: ${error.code ?? error.message}`, { cause: error });
  });
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const all = await Promise.all(
    pids.map(async (pid) => {
      // Gone meanwhile, or another user's.
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => null);
      return cwd === null ? [] : [{ pid, cwd }];
    }),
  );
  return all.flat();
}

/** Those that work in the folder or below it. The kernel names folders without links in their path. */
export async function usersOf(path: string, places: readonly WorkingDirectory[]): Promise<readonly number[]> {
  const real = await realpath(path).catch(() => path);
  return places.flatMap(({ pid, cwd }) => (cwd === real || cwd.startsWith(`${real}/`) ? [pid] : []));
}
