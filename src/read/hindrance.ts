import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import type { Place } from '../place/place.ts';

/** Less than this and not even the database grows. */
const NO_ROOM = 64 * 1024;

/** What the disk under a repository is like at this moment, asked of the kernel and not of what a daemon wrote down. */
export interface DiskNow {
  /** Null: the kernel does not say. */
  readonly freeBytes: number | null;
  /** Why nothing can be written down, in a sentence; null: nothing speaks against it. */
  readonly hindrance: string | null;
}

/** `isWorking`: a daemon holds the locks. */
export function diskNow({ root, state, database }: Pick<Place, 'root' | 'state' | 'database'>, isWorking: boolean): DiskNow {
  const freeBytes = freeAt(root);
  // Parts of the folder come again as they are used; the database does not.
  if (isWorking && !existsSync(database)) return { freeBytes, hindrance: `${state} is gone under the daemon` };
  if (freeBytes !== null && freeBytes < NO_ROOM) return { freeBytes, hindrance: `${freeBytes} bytes are free on the disk of ${root}` };
  return { freeBytes, hindrance: existsSync(state) ? refused(state) : null };
}

function freeAt(path: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return null;
  }
}

/** Whose folder it is, is the daemon's affair; that nobody can write it is everybody's. */
function refused(path: string): string | null {
  try {
    accessSync(path, constants.W_OK);
    return hasGivenUp(path) ? `the file system of ${path} is read-only since an error of its disk` : null;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EROFS' ? `the file system of ${path} is read-only` : null;
  }
}

/** Since 6.15 Linux leaves ext4 writable by its flags after an error, and refuses each write; the list of mounts has the word. */
function hasGivenUp(path: string): boolean {
  try {
    return gaveUp(readFileSync('/proc/self/mountinfo', 'utf8'), path);
  } catch {
    return false;
  }
}

/** Whether the mount that holds an absolute path has the option that says so, by the text of /proc/self/mountinfo. */
export function gaveUp(mountinfo: string, path: string): boolean {
  let [longest, found] = [-1, false];
  for (const line of mountinfo.split('\n')) {
    const [mount = '', behind = ''] = line.split(' - ', 2);
    const point = unescaped(mount.split(' ')[4] ?? '');
    const holds = point === '/' || path === point || path.startsWith(`${point}/`);
    // Of two mounts at one place the later one is seen.
    if (point === '' || !holds || point.length < longest) continue;
    longest = point.length;
    found = /(?:^|,)(?:emergency_ro|shutdown)(?:,|$)/.test(behind.split(' ')[2] ?? '');
  }
  return found;
}

/** The kernel writes a blank as \\040. */
const unescaped = (point: string): string =>
  point.replace(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
