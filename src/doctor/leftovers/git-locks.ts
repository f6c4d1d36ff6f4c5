import { mkdir, readdir, readFile, readlink, rename, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { StaleLock } from './leftovers.ts';

const NAMES = ['index.lock', 'HEAD.lock', 'config.lock', 'packed-refs.lock', 'shallow.lock'];
/** git holds a lock for moments; a commit whose message is being written may hold one for longer. */
const STALE_AFTER = 10 * 60_000;

/** Lock files in git's folder and in those of its worktrees that are older than git needs them. */
export async function findLocks(gitDir: string, now: number): Promise<readonly StaleLock[]> {
  const trees = await readdir(join(gitDir, 'worktrees')).catch(() => []);
  const folders = [gitDir, ...trees.map((name) => join(gitDir, 'worktrees', name))];
  const all = await Promise.all(folders.flatMap((folder) => NAMES.map((name) => look(join(folder, name), now))));
  return all.flat();
}

async function look(path: string, now: number): Promise<readonly StaleLock[]> {
  const found = await stat(path).catch(() => null);
  if (found === null) return [];
  const age = now - found.mtimeMs;
  return age > STALE_AFTER ? [{ path, age }] : [];
}

/** Whether a git process of any user works in the repository: in its folder or one below, or told of it. */
export async function gitRunsIn(root: string): Promise<boolean> {
  const pids = (await readdir('/proc').catch((): string[] => [])).filter((name) => /^\d+$/.test(name));
  const seen = await Promise.all(pids.map((pid) => isGitIn(join('/proc', pid), root)));
  return seen.includes(true);
}

async function isGitIn(proc: string, root: string): Promise<boolean> {
  // A process that ends while it is looked at works nowhere any more.
  const words = (await readFile(join(proc, 'cmdline'), 'utf8').catch(() => '')).split('\0');
  if (!/(^|\/)git(-[a-z-]+)?$/.test(words[0] ?? '')) return false;
  // Another user's does not say where it works: it counts as here.
  const cwd = await readlink(join(proc, 'cwd')).catch((error: NodeJS.ErrnoException) => (error.code === 'EACCES' ? root : ''));
  return cwd === root || cwd.startsWith(`${root}/`) || words.some((word) => word.includes(root));
}

/** Moves it into `.tac8/aside`, where it can be looked at; looked at once more right before. Answers where it is. */
export async function moveLockAside(
  lock: StaleLock,
  place: { readonly root: string; readonly gitDir: string; readonly state: string },
  now: number,
): Promise<string> {
  const again = (await findLocks(place.gitDir, now)).some(({ path }) => path === lock.path);
  if (!again) return `${lock.path} is gone, or in use again: left alone`;
  if (await gitRunsIn(place.root)) throw new Error(`a git runs in ${place.root} now: ${lock.path} is left alone`);
  const aside = join(place.state, 'aside');
  await mkdir(aside, { recursive: true, mode: 0o700 });
  const to = join(aside, `${relative(place.gitDir, lock.path).replaceAll('/', '-')}-${now}`);
  await rename(lock.path, to);
  return `${basename(lock.path)} is now ${to}`;
}
