import { join } from 'node:path';
import type { ProcessIdentity } from '../../core/run.ts';
import { isTaskId, type RunId, type TaskId } from '../../core/task.ts';
import { findMount } from './cgroup.ts';
import { scanMarks } from './marks.ts';
import { isElsewhere } from './namespace.ts';
import { bootId, type ProcStat, readProc } from './proc.ts';

/** A run of this repository found by its marker alone. */
export interface Stray {
  readonly run: RunId;
  readonly task: TaskId | null;
  readonly agent: ProcessIdentity;
  /** Live processes that bear the marker. */
  readonly members: number;
}

/** Every run whose marker names a folder in `runsDir`, though that folder may be gone. Throws a PortError when /proc does not answer. */
export async function findRuns(runsDir: string): Promise<readonly Stray[]> {
  const ours = (await scanMarks()).marked.filter(({ run, dir }) => run !== null && dir === join(runsDir, run));
  return [...Map.groupBy(ours, ({ run }) => run ?? '')].flatMap(([run, found]) => {
    const agent = agentAmong(found.map(({ stat }) => stat));
    const task = found[0]?.task ?? '';
    if (agent === null) return [];
    return [{ run: run as RunId, task: isTaskId(task) ? task : null, agent: identify(agent, run), members: found.length }];
  });
}

/** The agent leads a session and is the oldest that does; without one the oldest of all is taken. */
function agentAmong(stats: readonly ProcStat[]): ProcStat | null {
  const byAge = stats.toSorted((a, b) => a.startTime - b.startTime || a.pid - b.pid);
  return byAge.find((stat) => stat.session === stat.pid) ?? byAge[0] ?? null;
}

function identify(stat: ProcStat, run: string): ProcessIdentity {
  const born = { pid: stat.pid, startTime: stat.startTime, bootId: bootId() };
  const cgroup = cgroupNamed(stat.pid, run);
  if (cgroup !== null) return { ...born, containment: { kind: 'cgroup', path: cgroup } };
  return { ...born, containment: { kind: isElsewhere(stat.pid) ? 'pidns' : 'sweep' } };
}

/** The cgroup of ours that a process is in or below: `…/tac8-xxxxxxxx/<run>`. */
function cgroupNamed(pid: number, run: string): string | null {
  const mount = findMount(readProc('/proc/self/mountinfo') ?? '');
  const line = (readProc(`/proc/${pid}/cgroup`) ?? '').split('\n').find((text) => text.startsWith('0::'));
  const match = /^0::(.*\/tac8-[0-9a-f]{8}\/w-[0-9A-Za-z]+)(\/.*)?$/.exec(line ?? '');
  if (mount === null || !match?.[1]?.endsWith(`/${run}`)) return null;
  return join(mount.point, mount.root === '/' ? match[1] : match[1].slice(mount.root.length));
}
