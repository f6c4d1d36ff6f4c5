import { basename, dirname, normalize } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ProcessIdentity } from '../../../core/model/run.ts';
import { cgroupMembers, cgroupState, clearCgroup, killCgroup } from '../hold/cgroup.ts';
import { recentCensus, takeCensus } from '../proc/census.ts';
import { scanMarks } from '../proc/marks.ts';
import { isElsewhere, worksIn } from '../proc/namespace.ts';
import { type Birth, isAlive, isZombie, type ProcStat, readStat, sendSignal, TICKS } from '../proc/proc.ts';
import type { RunFolder } from '../proc/run-folder.ts';
import { type Family, familyIn, kinOf } from './family.ts';

/** A run's process tree, as far as it is known; made anew for each look. */
export interface Tree {
  readonly identity: ProcessIdentity | null;
  readonly folder: RunFolder;
  /** Members seen by earlier looks of this daemon, pid → start time; added to by every look. */
  readonly known: Map<number, number>;
}

/** How many of it live, by the cheap way: for a run whose agent lives. */
export function countMembers(tree: Tree): number {
  const cgroup = cgroupOf(tree);
  if (cgroup !== null) return cgroupMembers(cgroup).length;
  return membersOf(tree).length;
}

/** The same without its cgroup: by parents, sessions and earlier looks. */
export function membersOf(tree: Tree): readonly ProcStat[] {
  const kin = remember(tree, kinOf(familyOf(tree), recentCensus()));
  return kin.filter(({ pid }) => pid !== tree.folder.init?.pid); // the namespace's first process is ours, not the agent's
}

/** Every live process of it by every means. Throws a PortError when one of them does not answer. */
export async function findMembers(tree: Tree): Promise<readonly ProcStat[]> {
  const scan = await scanMarks();
  const inside = inCgroup(tree);
  return remember(tree, [...new Map([...inside, ...familyIn(scan, familyOf(tree))].map((stat) => [stat.pid, stat])).values()]);
}

/**
 * Ends all of it: at a stroke what can be ended so, then whatever every means still finds, frozen first so that nothing forks away
 * meanwhile. Repeats until nothing is found or `limit` milliseconds are over. Answers how many there were and how many still live.
 */
export async function killTree(tree: Tree, limit: number): Promise<{ readonly reached: number; readonly left: number }> {
  const deadline = performance.now() + limit;
  const reached = new Set<string>();
  const reach = (members: readonly ProcStat[], signal: 'SIGSTOP' | 'SIGKILL'): void => {
    for (const stat of members) if (signalBirth(stat, signal)) reached.add(`${stat.pid} ${stat.startTime}`);
  };
  for (let wait = 2; ; wait = Math.min(wait * 2, 50)) {
    const seen = [...inCgroup(tree), ...kinOf(familyOf(tree), takeCensus())];
    reach(seen, 'SIGSTOP');
    const cgroup = cgroupOf(tree);
    if (cgroup !== null && cgroupState(cgroup) === 'populated') killCgroup(cgroup);
    const members = await findMembers(tree);
    reach([...seen, ...members], 'SIGKILL');
    if (seen.length === 0 && members.length === 0) return { reached: reached.size, left: 0 };
    if (performance.now() > deadline) return { reached: reached.size, left: (await findMembers(tree)).length };
    await pause(wait);
  }
}

/** A pid alone is nobody: looks at the start time right before it signals. */
export function signalBirth(birth: Birth, signal: NodeJS.Signals): boolean {
  return isAlive(birth) && sendSignal(birth.pid, signal);
}

/** Takes the run's empty cgroup away. */
export function clearTree(tree: Tree): void {
  const cgroup = cgroupOf(tree);
  if (cgroup !== null) clearCgroup(cgroup);
}

function cgroupOf({ identity, folder }: Tree): string | null {
  if (identity?.containment.kind === 'cgroup') return identity.containment.path;
  return folder.cgroup !== null && isOwnGroup(folder.cgroup, folder.path) ? folder.cgroup : null;
}

/*
 * A worker can write its run's folder: what stands there is a claim, and a forged one would end somebody else's processes, or hide the worker's
 * own. The start of the agent comes from the store.
 */

const isOwnGroup = (cgroup: string, folder: string): boolean =>
  cgroup === normalize(cgroup) && /^tac8-[0-9a-f]{8}$/.test(basename(dirname(cgroup))) && basename(cgroup) === basename(folder);

/** The first process of a namespace, or the shell outside of it: our script, which stays in the folder. */
const isOurs = (born: Birth | null, folder: string): born is Birth => born !== null && isAlive(born) && worksIn(born.pid, folder);

function adopterOf({ identity, folder }: Tree): number | null {
  const known = identity?.parent;
  if (known !== undefined) return isAlive(known) ? known.pid : null;
  return isOurs(folder.parent, folder.path) ? folder.parent.pid : null;
}

function inCgroup(tree: Tree): readonly ProcStat[] {
  const cgroup = cgroupOf(tree);
  const stats = cgroup === null ? [] : cgroupMembers(cgroup).map(readStat);
  return stats.filter((stat): stat is ProcStat => stat !== null && !isZombie(stat));
}

function familyOf(tree: Tree): Family {
  const { parent, agent, exit, init, path } = tree.folder;
  const born = tree.identity ?? agent;
  return {
    dir: path,
    since: Math.min(parent?.startTime ?? Number.POSITIVE_INFINITY, born?.startTime ?? parent?.startTime ?? 0),
    agent: born,
    init: isOurs(init, path) && isElsewhere(init.pid) ? init : null,
    agentEnd: exit === null ? null : exit.uptime * TICKS,
    adopter: born === null ? null : adopterOf(tree),
    remembered: tree.known,
  };
}

function remember(tree: Tree, members: readonly ProcStat[]): readonly ProcStat[] {
  for (const { pid, startTime } of members) tree.known.set(pid, startTime);
  return members;
}
