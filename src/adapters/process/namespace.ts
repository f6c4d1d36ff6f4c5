import { readlinkSync } from 'node:fs';
import { isZombie, listProcesses, type ProcStat } from './proc.ts';

/** The name of a process's PID namespace; null when it is gone or not ours to look at. */
export function linkOf(pid: number): string | null {
  return readLink(`/proc/${pid}/ns/pid`);
}

/** Live processes in the PID namespace of `pid`, its init among them; none when that is our own namespace or the process is gone. */
export function namespaceMembers(pid: number): readonly ProcStat[] {
  const namespace = linkOf(pid);
  if (namespace === null || namespace === linkOf(process.pid)) return [];
  return listProcesses().filter((stat) => !isZombie(stat) && linkOf(stat.pid) === namespace);
}

/** Live processes that work in this very folder. */
export function processesIn(folder: string): readonly ProcStat[] {
  return listProcesses().filter((stat) => !isZombie(stat) && readLink(`/proc/${stat.pid}/cwd`) === folder);
}

function readLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null; // gone, or another user's
  }
}
