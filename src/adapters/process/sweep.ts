import { readFile, stat as statFile } from 'node:fs/promises';
import { PortError } from '../../engine/ports.ts';
import { isZombie, listProcesses, type ProcStat } from './proc.ts';

const READ_LIMIT = 2000;

/** What makes a process one of a run's. */
export interface Family {
  /** The value of TAC8_RUN. */
  readonly run: string;
  /** Nothing that started before this belongs to it; clock ticks since boot. */
  readonly since: number;
  /** The agent, whose session children keep when they clear their environment. */
  readonly agent: { readonly pid: number; readonly startTime: number } | null;
  /** Ticks since boot when the agent ended: who is in its session and is older than that got the session from it. Null: not known. */
  readonly agentEnd: number | null;
  /** The run's parent, when it may have adopted orphans; it leads a session that only its own programs are in. */
  readonly adopter: number | null;
  /** Seen as the run's before: stays so, whatever it has done to its environment and parents since. pid → start time. */
  readonly remembered: ReadonlyMap<number, number>;
}

/**
 * Every live process of the run: marked in its environment, in the agent's session, adopted by the run's parent, remembered, or
 * descended from one of these. Without an adopting parent a process that cleared its environment, left the session and lost its parent before anyone looked is not found: that is what cgroups and
 * namespaces are better at. Throws a PortError when /proc does not answer.
 */
export async function sweepFamily(family: Family): Promise<readonly ProcStat[]> {
  const all = listProcesses().filter((stat) => stat.startTime >= family.since && stat.pid !== process.pid);
  const live = all.filter((stat) => !isZombie(stat));
  const found = new Set(live.filter((stat) => isKin(stat, family, all)));
  const marks = await Promise.all(live.map(async (stat) => (await markersOf(stat.pid)).run));
  for (const [index, stat] of live.entries()) if (marks[index] === family.run) found.add(stat);
  return withDescendants(found, live);
}

/** As far as parents and sessions tell, without reading any environment: for the look at a run whose agent lives. */
export function kinOf(family: Family): readonly ProcStat[] {
  const all = listProcesses().filter((stat) => stat.startTime >= family.since && stat.pid !== process.pid);
  const live = all.filter((stat) => !isZombie(stat));
  const found = live.filter((stat) => isKin(stat, family, all));
  return withDescendants(new Set(found), live);
}

function isKin(stat: ProcStat, family: Family, all: readonly ProcStat[]): boolean {
  if (family.remembered.get(stat.pid) === stat.startTime) return true;
  if (family.adopter !== null && stat.ppid === family.adopter && stat.session !== family.adopter) return true;
  return inSession(stat, family, all);
}

/*
 * A session's number is the pid of the process that made it, and no new process gets that pid while the session lives. So with the agent
 * alive its session's number is its own; once it is gone, only members that started before its end are certainly of its session.
 */
function inSession(stat: ProcStat, family: Family, all: readonly ProcStat[]): boolean {
  const agent = family.agent;
  if (agent === null || stat.session !== agent.pid) return false;
  const leader = all.find((other) => other.pid === agent.pid);
  if (leader !== undefined) return leader.startTime === agent.startTime;
  return family.agentEnd !== null && stat.startTime <= family.agentEnd;
}

function withDescendants(found: Set<ProcStat>, live: readonly ProcStat[]): readonly ProcStat[] {
  const children = Map.groupBy(live, (stat) => stat.ppid);
  for (const parent of found) for (const child of children.get(parent.pid) ?? []) found.add(child); // a Set hands out what is added meanwhile
  return [...found];
}

export interface Markers {
  readonly run: string | null;
  readonly task: string | null;
  readonly dir: string | null;
}

const NO_MARKERS: Markers = { run: null, task: null, dir: null };

/**
 * The markers in a process's environment, as it was given at its start. Only processes of this user are looked at (all of them, for root);
 * one that forbids reading is nobody's. Throws a PortError when the kernel takes too long: a process stuck in its memory lock blocks its readers.
 */
export async function markersOf(pid: number): Promise<Markers> {
  try {
    const uid = process.getuid?.();
    if (uid !== 0 && (await statFile(`/proc/${pid}`)).uid !== uid) return NO_MARKERS;
    const text = await readFile(`/proc/${pid}/environ`, { encoding: 'latin1', signal: AbortSignal.timeout(READ_LIMIT) });
    if (!text.includes('TAC8_RUN=')) return NO_MARKERS;
    const entries = text.split('\0');
    const value = (name: string): string | null => entries.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
    return { run: value('TAC8_RUN'), task: value('TAC8_TASK'), dir: value('TAC8_RUN_DIR') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(code)) return NO_MARKERS;
    throw new PortError('unknown', `/proc/${pid}/environ cannot be read: ${code}`, { cause: error });
  }
}
