import { readlinkSync } from 'node:fs';
import type { Census } from './census.ts';
import { isZombie, listProcesses, type ProcStat } from './proc.ts';

/** Whether a process is in a PID namespace other than ours. */
export function isElsewhere(pid: number): boolean {
  const namespace = readLink(`/proc/${pid}/ns/pid`);
  return namespace !== null && namespace !== readLink(`/proc/${process.pid}/ns/pid`);
}

/** The first process of the PID namespace that `member` is in, found by going up; null in our own. */
export function namespaceInit(member: ProcStat, census: Census): ProcStat | null {
  const namespace = readLink(`/proc/${member.pid}/ns/pid`);
  if (namespace === null || !isElsewhere(member.pid)) return null;
  let first = member;
  for (;;) {
    const parent = census.byPid.get(first.ppid);
    if (parent === undefined || readLink(`/proc/${parent.pid}/ns/pid`) !== namespace) return first;
    first = parent;
  }
}

/** Whether the process works in this very folder, as the shell that holds a run does. */
export const worksIn = (pid: number, folder: string): boolean => readLink(`/proc/${pid}/cwd`) === folder;

/** Live processes that work in this very folder. */
export function processesIn(folder: string): readonly ProcStat[] {
  return listProcesses().filter((stat) => !isZombie(stat) && worksIn(stat.pid, folder));
}

function readLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null; // gone, or another user's
  }
}
