import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A live process that has to do with a folder: works in it, was given it, or holds a file of it open. */
export interface Leftover {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  /** How it was told: `cwd`, `environment`, `arguments`, `program` or `open file`. */
  readonly by: string;
}

/**
 * Every process of the machine that has to do with `root`. A run's marker alone would not do: another checkout may be
 * testing at the same time. Its own folders are in the environment, in the arguments or under the feet of each process.
 */
export function processesOf(root: string): readonly Leftover[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const found = Number(pid) === process.pid ? null : look(`/proc/${pid}`, root);
    return found === null ? [] : [{ pid: Number(pid), ...found }];
  });
}

function look(folder: string, root: string): Omit<Leftover, 'pid'> | null {
  try {
    const stat = readFileSync(`${folder}/stat`, 'latin1');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie is gone; only its parent has not asked yet.
    if (state === 'Z' || state === 'X') return null;
    const words = readFileSync(`${folder}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    const by = trace(folder, root, words);
    return by === null ? null : { parent: Number(parent), command: words, by };
  } catch {
    // It ended while it was looked at, or belongs to another user: not started by these tests.
    return null;
  }
}

function trace(folder: string, root: string, words: string): string | null {
  const within = (path: string): boolean => path === root || path.startsWith(`${root}/`);
  if (within(readlinkSync(`${folder}/cwd`))) return 'cwd';
  if (within(readlinkSync(`${folder}/exe`))) return 'program';
  if (words.includes(root)) return 'arguments';
  if (readFileSync(`${folder}/environ`, 'utf8').includes(root)) return 'environment';
  const open = readdirSync(`${folder}/fd`).map((fd) => readlinkSync(`${folder}/fd/${fd}`));
  return open.some(within) ? 'open file' : null;
}
