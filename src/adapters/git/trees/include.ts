import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, readlink, realpath, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Git } from '../call/git.ts';
import { type Repository, utf8 } from '../repository/repository.ts';
import { absent } from '../view/files.ts';

/**
 * Copies files that git does not track (`.env` and the like) from the main checkout into a new worktree: those that the
 * gitignore-style patterns of `includeFile` name. What is already in the worktree stays. Answers the paths copied.
 */
export async function copyIncluded(
  git: Git,
  repository: Repository,
  includeFile: string,
  tree: string,
  ours: readonly string[],
): Promise<string[]> {
  const patterns = join(repository.root, includeFile);
  if (!(await stat(patterns).then((found) => found.isFile(), absent(false)))) return [];
  const { stdout } = await git(['ls-files', '-z', '--others', '--ignored', `--exclude-from=${patterns}`], { cwd: repository.root });
  const copied: string[] = [];
  for (const path of utf8(stdout).split('\0')) {
    // A trailing slash is a repository inside the checkout: not a file to copy.
    if (path === '' || path.endsWith('/') || ours.some((own) => path === own || path.startsWith(`${own}/`))) continue;
    if (await copyOne(join(repository.root, path), join(tree, path), tree)) copied.push(path);
  }
  return copied;
}

async function copyOne(from: string, to: string, tree: string): Promise<boolean> {
  const found = await lstat(from).catch(absent(null));
  if (found === null || (!found.isFile() && !found.isSymbolicLink())) return false;
  if ((await lstat(to).catch(absent(null))) !== null) return false;
  await mkdir(dirname(to), { recursive: true });
  // A tracked link in the place of a folder must not lead the copy out of the worktree.
  const inside = relative(await realpath(tree), await realpath(dirname(to)));
  if (inside === '..' || inside.startsWith(`..${sep}`)) return false;
  if (found.isSymbolicLink()) await symlink(await readlink(from), to);
  else await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  return true;
}
