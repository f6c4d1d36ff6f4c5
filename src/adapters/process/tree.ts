import { setTimeout as pause } from 'node:timers/promises';
import type { ProcessIdentity } from '../../core/run.ts';
import { cgroupMembers, cgroupState, clearCgroup, killCgroup } from './cgroup.ts';
import { namespaceMembers } from './namespace.ts';
import { type Birth, isAlive, isZombie, type ProcStat, readStat, sendSignal } from './proc.ts';
import type { RunFolder } from './run-folder.ts';
import { type Family, kinOf, sweepFamily } from './sweep.ts';

/** Clock ticks per second, the same on every Linux that people run (USER_HZ). */
const TICKS = 100;

/** A run's process tree, as far as it is known; made anew for each look. */
export interface Tree {
  readonly identity: ProcessIdentity | null;
  readonly folder: RunFolder;
  /** Members seen by earlier looks of this daemon, pid → start time; added to by every look. */
  readonly memory: Map<number, number>;
}

/** How many of it live, by the cheap way: for a run whose agent lives. */
export function countMembers(tree: Tree): number {
  const cgroup = cgroupOf(tree);
  return cgroup === null ? remember(tree, kinOf(familyOf(tree))).length : cgroupMembers(cgroup).length;
}

/** Every live process of it by every means. Throws a PortError when one of them does not answer. */
export async function findMembers(tree: Tree): Promise<readonly ProcStat[]> {
  const found = new Map<number, ProcStat>();
  const cgroup = cgroupOf(tree);
  for (const pid of cgroup === null ? [] : cgroupMembers(cgroup)) {
    const stat = readStat(pid);
    if (stat !== null && !isZombie(stat)) found.set(pid, stat);
  }
  for (const seed of [tree.folder.init, tree.identity]) {
    if (seed !== null && isAlive(seed)) for (const stat of namespaceMembers(seed.pid)) found.set(stat.pid, stat);
  }
  for (const stat of await sweepFamily(familyOf(tree))) found.set(stat.pid, stat);
  return remember(tree, [...found.values()]);
}

/**
 * Ends all of it: the cgroup at a stroke, the rest frozen first so that nothing forks away meanwhile. Repeats until every means finds
 * nothing, or `limit` milliseconds are over. Answers how many there were and how many still live.
 */
export async function killTree(tree: Tree, limit: number): Promise<{ readonly reached: number; readonly left: number }> {
  const deadline = Date.now() + limit;
  const reached = new Set<string>();
  for (let wait = 2; ; wait = Math.min(wait * 2, 50)) {
    const members = await findMembers(tree);
    for (const { pid, startTime } of members) reached.add(`${pid} ${startTime}`);
    if (members.length === 0 || Date.now() > deadline) return { reached: reached.size, left: members.length };
    const cgroup = cgroupOf(tree);
    if (cgroup !== null && cgroupState(cgroup) === 'populated') killCgroup(cgroup);
    for (const stat of members) signalBirth(stat, 'SIGSTOP');
    for (const stat of await findMembers(tree)) {
      reached.add(`${stat.pid} ${stat.startTime}`);
      signalBirth(stat, 'SIGKILL');
    }
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

const containmentOf = ({ identity, folder }: Tree): string => identity?.containment.kind ?? folder.agent?.kind ?? 'sweep';

function cgroupOf({ identity, folder }: Tree): string | null {
  return identity?.containment.kind === 'cgroup' ? identity.containment.path : folder.cgroup;
}

function familyOf(tree: Tree): Family {
  const { parent, agent, exit } = tree.folder;
  const born = tree.identity ?? agent;
  return {
    dir: tree.folder.path,
    since: parent?.startTime ?? born?.startTime ?? 0,
    agent: born,
    agentEnd: exit === null ? null : exit.uptime * TICKS,
    adopter: parent !== null && born !== null && containmentOf(tree) === 'sweep' && isAlive(parent) ? parent.pid : null,
    remembered: tree.memory,
  };
}

function remember(tree: Tree, members: readonly ProcStat[]): readonly ProcStat[] {
  for (const { pid, startTime } of members) tree.memory.set(pid, startTime);
  return members;
}
