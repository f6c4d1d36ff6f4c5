import { existsSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { messageOf } from '../../../core/words/message-of.ts';
import { readProc } from '../proc/proc.ts';

/** Left to the machine by all workers together: a tenth of its memory, at least half a gigabyte. */
export const reserveOf = (total: number): number => Math.max(total / 10, 512 * 1024 ** 2);

/**
 * Lets the cgroups below `base` have memory limits, and limits all of them together so that the machine and the daemon keep some. Null, or why
 * that does not work here: no such controller, or processes beside the runs' cgroups (the kernel allows only one of the two).
 */
export function enableMemory(base: string, total = totalmem()): string | null {
  const parent = dirname(base);
  if (!lists(join(parent, 'cgroup.controllers'), 'memory')) return `the memory controller of cgroup v2 is not at ${parent}`;
  try {
    for (const folder of [parent, base]) {
      const control = join(folder, 'cgroup.subtree_control');
      if (!lists(control, 'memory')) writeFileSync(control, '+memory', { flag: 'r+' });
    }
    const most = Math.round(total - reserveOf(total));
    if (most > 0) writeFileSync(join(base, 'memory.max'), `${most}`, { flag: 'r+' });
    return null;
  } catch (error) {
    return `the memory controller cannot be switched on at ${parent}: ${messageOf(error)}`;
  }
}

/**
 * The run's own limit: at it all of the run is ended at once, the agent too. No memory.high below it: what cannot be given back would only
 * crawl there, second after second, and never come to the end that can be told. Without a limit it is ended as a whole where all workers
 * together reach theirs. Null, or what went wrong: a run without a limit is still a run.
 */
export function limitMemory(cgroup: string, most: number | null): string | null {
  try {
    writeFileSync(join(cgroup, 'memory.oom.group'), '1', { flag: 'r+' });
    if (most === null) return null;
    writeFileSync(join(cgroup, 'memory.max'), `${most}`, { flag: 'r+' });
    // Swap would only make the end slower.
    if (existsSync(join(cgroup, 'memory.swap.max'))) writeFileSync(join(cgroup, 'memory.swap.max'), '0', { flag: 'r+' });
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

const lists = (path: string, word: string): boolean => (readProc(path) ?? '').trim().split(/\s+/).includes(word);
