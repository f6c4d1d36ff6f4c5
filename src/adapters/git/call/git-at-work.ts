import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { together } from './together.ts';

/**
 * Is a git process that names `path` (in its arguments or its GIT_WORK_TREE) alive? A daemon that was killed leaves the git
 * it had started behind, which goes on. Where there is no /proc the answer is no.
 */
export async function gitAtWork(path: string): Promise<boolean> {
  const pids = (await readdir('/proc').catch((): string[] => [])).filter((name) => /^\d+$/.test(name));
  const seen = await together(pids.map((pid) => namesPath(join('/proc', pid), path)));
  return seen.includes(true);
}

async function namesPath(proc: string, path: string): Promise<boolean> {
  // Processes end while we look, and those of other users do not show themselves: neither is ours.
  const read = (name: string): Promise<string> => readFile(join(proc, name), 'utf8').catch(() => '');
  const args = (await read('cmdline')).split('\0');
  if (!/(^|\/)git$/.test(args[0] ?? '')) return false;
  if (args.includes(path)) return true;
  return (await read('environ')).split('\0').includes(`GIT_WORK_TREE=${path}`);
}
