import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from '../../../core/model/run.ts';
import { isTaskId, type RunId, readLogName, type TaskId } from '../../../core/model/task.ts';
import type { StraySeen } from '../../../engine/ports/machine/workers.ts';
import { type Marked, scanMarks } from '../proc/marks.ts';
import { isElsewhere } from '../proc/namespace.ts';
import { bootId, type ProcStat, readProc, startedAt } from '../proc/proc.ts';
import { findMount } from './cgroup.ts';

/** The name under which all cgroups of this repository's runs are made. */
export const groupOf = (runsDir: string): string => `tac8-${createHash('sha256').update(runsDir).digest('hex').slice(0, 8)}`;

/**
 * Every run with live processes, though its folder in `runsDir` may be gone: by the marker in their environment, by their cgroup where they
 * have cleared it. `logs`: the folder that tells the task of one whose marker does not. Throws a PortError when /proc does not answer.
 */
export async function findRuns(runsDir: string, logs: string | null = null): Promise<readonly StraySeen[]> {
  const { census, marked } = await scanMarks();
  const byPid = new Map(
    marked.filter(({ run, dir }) => run !== null && dir === join(runsDir, run)).map((found) => [found.stat.pid, found]),
  );
  const ours = [...census.byPid.values()].flatMap((stat): Marked[] => {
    const found = byPid.get(stat.pid);
    if (found !== undefined) return [found];
    const run = stat.isKernel ? null : runOfCgroup(stat.pid, runsDir);
    return run === null ? [] : [{ stat, run, task: null, dir: null }];
  });
  return [...Map.groupBy(ours, ({ run }) => run ?? '')].flatMap(([run, found]) => {
    // What is around an agent, such as a box's first process, has no marker.
    const marked = found.filter(({ dir }) => dir !== null);
    const agent = agentAmong((marked.length > 0 ? marked : found).map(({ stat }) => stat));
    if (agent === null) return [];
    const task = found.find((one) => one.task !== null)?.task ?? taskOfLog(logs, run) ?? '';
    const process = identify(agent, run);
    return [{ run: run as RunId, task: isTaskId(task) ? task : null, process, startedAt: startedAt(agent), members: found.length }];
  });
}

/** `…/tac8-xxxxxxxx/<run>`, or below it. */
function runOfCgroup(pid: number, runsDir: string): string | null {
  const text = readProc(`/proc/${pid}/cgroup`) ?? '';
  // Of hundreds of processes hardly one is in such a group.
  if (!text.includes('/tac8-')) return null;
  return new RegExp(`^0::.*/${groupOf(runsDir)}/(w-[0-9A-Za-z]+)(?:/|$)`, 'm').exec(text)?.[1] ?? null;
}

/** A run's log bears the name of its task. */
function taskOfLog(logs: string | null, run: string): TaskId | null {
  try {
    const names = logs === null ? [] : readdirSync(logs);
    return readLogName(names.find((name) => name.endsWith(`.${run}.jsonl`)) ?? '')?.task ?? null;
  } catch {
    return null; // no folder: nothing tells
  }
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
