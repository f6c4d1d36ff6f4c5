import { readlinkSync } from 'node:fs';
import { markersOf } from '../process/proc/marks.ts';
import { readProc, readStat } from '../process/proc/proc.ts';
import type { Peer } from './peer.ts';

/** Who asks: a person's program, in a few words, or somebody who may not. */
export type Caller = { readonly kind: 'person'; readonly words: string } | { readonly kind: 'refused'; readonly why: string };

/**
 * Tells a person's program from a worker's: by its user, by the cgroup and the process namespace it is in, and by the marker of a run on it or
 * on a process that it descends from. A worker that shed all of these and lost its parents descends from the shell that holds its run, which is given all
 * orphans and works in the run's folder. One that ended that shell before is not told apart.
 * `runsDir`: where this repository's runs have their folders.
 */
export async function callerOf({ pid, uid }: Peer, runsDir: string): Promise<Caller> {
  const own = process.getuid?.() ?? -1;
  if (uid !== own && uid !== 0) return { kind: 'refused', why: `process ${pid} belongs to the user ${uid}` };
  const stat = readStat(pid);
  if (stat === null) return { kind: 'refused', why: `process ${pid} was gone before it could be looked at` };
  if (namespaceOf(pid) !== namespaceOf(process.pid)) return { kind: 'refused', why: `process ${pid} is in a process namespace of its own` };
  const seen = new Set<number>();
  for (let at = stat; at.pid > 1 && !seen.has(at.pid); ) {
    seen.add(at.pid);
    const worker = (await markOf(at.pid, runsDir)) ?? inRunsGroup(at.pid) ?? heldBy(at.pid, runsDir);
    if (worker !== null) return { kind: 'refused', why: `process ${pid} (${stat.comm}) belongs to ${worker}` };
    const parent = readStat(at.ppid);
    if (parent === null) break;
    at = parent;
  }
  return { kind: 'person', words: `user ${uid}, process ${pid} (${stat.comm})` };
}

async function markOf(pid: number, runsDir: string): Promise<string | null> {
  const marks = await markersOf(pid);
  return marks?.dir?.startsWith(`${runsDir}/`) === true ? `the worker ${marks.run ?? ''} of ${marks.task ?? ''}` : null;
}

/** Nobody else has a business in there; a person who asks from such a folder is told so. */
function heldBy(pid: number, runsDir: string): string | null {
  const folder = cwdOf(pid);
  if (folder === null || !folder.startsWith(`${runsDir}/`)) return null;
  return `the worker ${folder.slice(runsDir.length + 1).split('/', 1)[0]}, in whose folder ${pid} works`;
}

function cwdOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null; // gone, or another user's
  }
}

const RUN_GROUP = /\/tac8-[0-9a-f]{8}\/(w-[^/\n]+)/g;

/** A daemon that is itself in a run's cgroup, as in a task that works on tac8, has that in common with its person. */
function inRunsGroup(pid: number): string | null {
  const groups = (of: number | 'self'): readonly string[] =>
    [...(readProc(`/proc/${of}/cgroup`) ?? '').matchAll(RUN_GROUP)].map(([, run = '']) => run);
  const found = groups(pid);
  return found.length > groups('self').length ? `the worker ${found.at(-1) ?? ''}` : null;
}

function namespaceOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return 'unknown';
  }
}
