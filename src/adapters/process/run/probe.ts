import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Exit, ProcessIdentity } from '../../../core/model/run.ts';
import type { RunId } from '../../../core/model/task.ts';
import { PortError } from '../../../engine/ports/error.ts';
import type { ProcessSeen } from '../../../engine/ports/machine/workers.ts';
import { cgroupMembers } from '../hold/cgroup.ts';
import { findRuns } from '../hold/strays.ts';
import { processesIn } from '../proc/namespace.ts';
import { bootId, isAlive } from '../proc/proc.ts';
import { type RunFolder, readBirth, readRunFolder } from '../proc/run-folder.ts';
import { clearTree, countMembers, findMembers, type Tree } from '../tree/tree.ts';
import { identityOf } from './launch.ts';

/** How long an ended agent's parent may take to write the record before the answer is "nobody knows". */
const RECORD_LIMIT = 1000;

/** What earlier looks of this daemon found out about a run. */
export interface EarlierLooks {
  /** See Tree. */
  readonly members: Map<number, number>;
  /** As it was read while the agent lived: until its end nothing changes in it that a count of its processes rests on. */
  folder: RunFolder | null;
}

/** See Workers.probe. */
export async function probeRun(runsDir: string, run: RunId, given: ProcessIdentity | null, earlier: EarlierLooks): Promise<ProcessSeen> {
  // The very process that is stored, alive: nothing in the run's folder could say otherwise.
  if (given?.bootId === bootId() && isAlive(given)) return alive(runsDir, run, given, earlier);
  const folder = readRunFolder(runsDir, run);
  const identity = given ?? identityOf(folder);
  const bornIn = identity?.bootId ?? folder.parent?.bootId;
  if (bornIn !== undefined && bornIn !== bootId()) return { kind: 'gone', exit: plain(folder), rebooted: true };
  if (identity !== null && isAlive(identity)) return alive(runsDir, run, identity, earlier);
  if (identity === null && folder.launched === 'no') return probeUnlaunched(runsDir, run);
  return probeEnded(runsDir, run, identity, earlier.members);
}

function alive(runsDir: string, run: RunId, identity: ProcessIdentity, earlier: EarlierLooks): ProcessSeen {
  if (identity.containment.kind === 'cgroup')
    return { kind: 'alive', identity, members: Math.max(1, cgroupMembers(identity.containment.path).length) };
  earlier.folder ??= readRunFolder(runsDir, run);
  return { kind: 'alive', identity, members: Math.max(1, countMembers({ identity, folder: earlier.folder, known: earlier.members })) };
}

/** No folder, or nothing launched in it; but a folder can be removed under a living run. */
async function probeUnlaunched(runsDir: string, run: RunId): Promise<ProcessSeen> {
  const marked = (await findRuns(runsDir)).find((found) => found.run === run);
  if (marked === undefined) return { kind: 'never' };
  return { kind: 'alive', identity: marked.process, members: marked.members };
}

/** The agent is not there, or not yet: what its parent is still to write is waited for, since "gone" must be said once and be true. */
async function probeEnded(runsDir: string, run: RunId, identity: ProcessIdentity | null, known: Map<number, number>): Promise<ProcessSeen> {
  const deadline = performance.now() + RECORD_LIMIT;
  for (let wait = 1; ; wait = Math.min(wait * 2, 25)) {
    const folder = readRunFolder(runsDir, run);
    const born = identity ?? identityOf(folder);
    if (born !== null && isAlive(born)) return { kind: 'alive', identity: born, members: countMembers({ identity: born, folder, known }) };
    // Read again: the parent may have written its record, and left, between the reading and the looking.
    if (folder.exit !== null || !isParentThere(folder, born))
      return probeTree({ identity: born, folder: readRunFolder(runsDir, run), known });
    if (performance.now() > deadline) {
      throw new PortError(
        'unknown',
        `the agent of ${run} is gone, and its parent (pid ${folder.parent?.pid}) has not recorded how it ended`,
        {
          hint: 'The cause is usually a full disk or a machine under load. tac8 looks again.',
        },
      );
    }
    await pause(wait);
  }
}

/**
 * The parent, or a program that it started and that may still write: the record's rename, the agent's process before it is the agent.
 * They are known by their folder and session; the feeder writes nothing here. What the folder says of the parent is a claim, which a worker can
 * write: the one that is stored counts.
 */
function isParentThere(folder: RunFolder, identity: ProcessIdentity | null): boolean {
  if (folder.launched === 'no') return false;
  const parent = identity?.parent ?? folder.parent;
  if (parent !== null && isAlive(parent)) return true;
  const feeder = readBirth(join(folder.path, 'feeder'))?.pid;
  return processesIn(folder.path).some(({ pid, session }) => pid !== feeder && session === (parent?.pid ?? session));
}

async function probeTree(tree: Tree): Promise<ProcessSeen> {
  const members = await findMembers(tree);
  const exit = plain(tree.folder);
  if (members.length > 0) return { kind: 'remains', exit, members: members.length };
  clearTree(tree);
  return { kind: 'gone', exit, rebooted: false };
}

function plain({ exit }: RunFolder): Exit | null {
  if (exit === null) return null;
  const { uptime: _, ...rest } = exit;
  return rest;
}
