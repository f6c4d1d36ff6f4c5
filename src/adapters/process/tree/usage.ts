import type { Usage } from '../../../core/limits/usage.ts';
import type { ProcessIdentity } from '../../../core/model/run.ts';
import { cgroupMembers } from '../hold/cgroup.ts';
import { readProc } from '../proc/proc.ts';
import { membersOf, type Tree } from './tree.ts';

/** Clock ticks per second, the same on every Linux that people run (USER_HZ). */
const TICKS = 100;

/** What the processes of a tree use now, found the cheap way. Throws a PortError when /proc does not answer. */
export function readUsage(identity: ProcessIdentity, treeOf: () => Tree): Usage {
  const cgroup = identity.containment.kind === 'cgroup' ? identity.containment.path : treeOf().folder.cgroup;
  const pids = cgroup === null ? membersOf(treeOf()).map(({ pid }) => pid) : cgroupMembers(cgroup);
  let own = 0;
  let shared = 0;
  let ticks = 0;
  for (const pid of pids) {
    const status = readProc(`/proc/${pid}/status`);
    const stat = readProc(`/proc/${pid}/stat`);
    if (status === null || stat === null) continue; // gone since
    own += kib(status, 'RssAnon');
    // Files and shared memory are mostly the same pages (the program itself): counted once, not once per process.
    shared = Math.max(shared, kib(status, 'RssFile') + kib(status, 'RssShmem'));
    ticks += ticksIn(stat);
  }
  const exact = cgroup === null ? null : (/^usage_usec (\d+)$/m.exec(readProc(`${cgroup}/cpu.stat`) ?? '')?.[1] ?? null);
  return { processes: pids.length, memoryBytes: (own + shared) * 1024, cpuSeconds: exact === null ? ticks / TICKS : Number(exact) / 1e6 };
}

const kib = (status: string, name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);

/** Its own time, and that of its children that ended and were asked for. */
function ticksIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [11, 12, 13, 14].reduce((sum, n) => sum + (Number(fields[n]) || 0), 0);
}
