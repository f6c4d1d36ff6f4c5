import { lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Git } from '../call/git.ts';
import { together } from '../call/together.ts';
import { utf8 } from '../repository/repository.ts';
import { absent } from '../view/files.ts';

/** Paths that git shows as changed or new in the main checkout, sorted; a submodule where it stands at another commit. */
export async function mainChanges(git: Git, root: string): Promise<readonly string[]> {
  const { stdout } = await git(['status', '--porcelain', '-z', '--no-renames', '--untracked-files=all', '--ignore-submodules=dirty'], {
    cwd: root,
  });
  return utf8(stdout)
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => line.slice(3))
    .sort();
}

/** Those of the paths that were as they are at that time already: nobody can set a ctime back. What is gone went when its folder changed. */
export async function unchangedSince(root: string, paths: readonly string[], at: number): Promise<readonly string[]> {
  const times = await together(paths.map((path) => changedAt(root, path)));
  return paths.filter((_, n) => (times[n] ?? Number.POSITIVE_INFINITY) < at);
}

async function changedAt(root: string, path: string): Promise<number | null> {
  for (let at = path; at !== '.' && at !== '/'; at = dirname(at)) {
    const found = await lstat(join(root, at)).catch(absent(null));
    if (found !== null) return found.ctimeMs;
  }
  return (await lstat(root)).ctimeMs;
}
