import { readlinkSync } from 'node:fs';
import { markersOf } from '../process/proc/marks.ts';
import { isZombie, type ProcStat, readProc, readStat } from '../process/proc/proc.ts';
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
  const found = await workerOf(pid, runsDir);
  if (found.kind === 'gone') return { kind: 'refused', why: `process ${pid} (${stat.comm}) was gone before it was known whose it is` };
  if (found.kind === 'worker') return { kind: 'refused', why: `process ${pid} (${stat.comm}) belongs to ${found.name}` };
  return { kind: 'person', words: `user ${uid}, process ${pid} (${stat.comm})` };
}

export type Whose = { readonly kind: 'worker'; readonly name: string } | { readonly kind: 'nobody' | 'gone' };

/** Parents that end while it is looked at whose children they are. */
const MOST_WALKS = 20;

/** The worker that a process belongs to, whatever its user. It is known only of one that is there to the end of the look: what is gone shows nothing. */
export async function workerOf(pid: number, runsDir: string): Promise<Whose> {
  const born = readStat(pid)?.startTime;
  for (let walk = 0; born !== undefined && walk < MOST_WALKS; walk += 1) {
    const seen = new Map<number, ProcStat>();
    for (let at = readStat(pid); at !== null && at.pid > 1 && !seen.has(at.pid); at = readStat(at.ppid)) {
      seen.set(at.pid, at);
      const name = (await markOf(at.pid, runsDir)) ?? inRunsGroup(at.pid) ?? heldBy(at.pid, runsDir);
      if (name !== null) return { kind: 'worker', name };
    }
    if (readStat(pid)?.startTime !== born) return { kind: 'gone' };
    // Nobody got another parent meanwhile, nor went away with what it shows.
    const stood = [...seen.values()].every((one) => {
      const now = readStat(one.pid);
      return now !== null && !isZombie(now) && now.startTime === one.startTime && now.ppid === one.ppid;
    });
    if (stood) return { kind: 'nobody' };
  }
  return { kind: 'gone' };
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
