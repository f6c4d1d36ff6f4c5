import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, readlink, realpath, stat, symlink, unlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
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
  // A trailing slash is a repository inside the checkout: not a file to copy.
  const isOurs = (path: string): boolean => ours.some((own) => path === own || path.startsWith(`${own}/`));
  const paths = utf8(stdout).split('\0');
  for (const path of paths.filter((one) => one !== '' && !one.endsWith('/') && !isOurs(one))) {
    if (await copyOne(join(repository.root, path), join(tree, path), tree)) copied.push(path);
  }
  for (const path of copied) await leadOn(join(repository.root, path), join(tree, path));
  return copied;
}

/** A relative link leads elsewhere from a worktree: where it leads nowhere, what it stood for takes its place. */
async function leadOn(from: string, to: string): Promise<void> {
  const target = await readlink(to).catch(() => null);
  if (target === null || isAbsolute(target) || (await stat(to).catch(absent(null))) !== null) return;
  const real = await realpath(from).catch(absent(null));
  const found = real === null ? null : await stat(real);
  if (real === null || found === null || (!found.isFile() && !found.isDirectory())) return;
  await unlink(to);
  if (found.isFile()) await copyFile(real, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  else await symlink(real, to);
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
