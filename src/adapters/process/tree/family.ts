import { type Census, withDescendants } from '../proc/census.ts';
import type { Scan } from '../proc/marks.ts';
import { namespaceInit } from '../proc/namespace.ts';
import { type Birth, type ProcStat, readStat } from '../proc/proc.ts';

/** What makes a process one of a run's. */
export interface Family {
  /** The run's folder, as its processes have it in their environment. */
  readonly dir: string;
  /** Nothing that started before this belongs to it; clock ticks since boot. */
  readonly since: number;
  readonly agent: Birth | null;
  /** Ticks since boot when the agent ended; null: not known. */
  readonly agentEnd: number | null;
  /** The first process of its PID namespace: everything in there is below it. */
  readonly init: Birth | null;
  /** The run's parent, when it adopts orphans; it leads a session that only its own programs are in. */
  readonly adopter: number | null;
  /** Seen as the run's before: stays so, whatever it has done to its environment and parents since. pid → start time. */
  readonly remembered: ReadonlyMap<number, number>;
}

/** Its live processes as far as parents, sessions and earlier looks tell. */
export function kinOf(family: Family, census: Census): readonly ProcStat[] {
  return withDescendants(bornLater(seedsOf(family, census), family), census);
}

/**
 * Its live processes, the marked ones too. Without an adopting parent, a process is not found that cleared its environment, left the session
 * and lost its parent before anyone looked: that is what cgroups and namespaces are better at.
 */
export function familyIn(scan: Scan, family: Family): readonly ProcStat[] {
  const marked = scan.marked.filter(({ dir }) => dir === family.dir).map(({ stat }) => stat);
  return withDescendants(bornLater([...seedsOf(family, scan.census), ...marked], family), scan.census);
}

const bornLater = (stats: readonly ProcStat[], family: Family) => stats.filter((stat) => stat.startTime >= family.since);

function seedsOf(family: Family, census: Census): readonly ProcStat[] {
  const known = [...family.remembered].flatMap(([pid, startTime]) => same(census, { pid, startTime }));
  const adopted = family.adopter === null ? [] : (census.children.get(family.adopter) ?? []);
  return [
    ...known,
    ...adopted.filter((stat) => stat.session !== family.adopter),
    ...sessionOf(family, census),
    ...namespaceOf(family, census),
  ];
}

/*
 * A session's number is the pid of the process that made it, and no new process gets that pid while the session lives. So while the agent's
 * pid is its own, so is the session of that number; once it is gone, only members that started before its end are certainly of its session.
 */
function sessionOf({ agent, agentEnd }: Family, census: Census): readonly ProcStat[] {
  const members = agent === null ? undefined : census.sessions.get(agent.pid);
  if (agent === null || members === undefined) return [];
  const leader = readStat(agent.pid); // a zombie still holds the number
  if (leader !== null) return leader.startTime === agent.startTime ? members : [];
  return members.filter((stat) => agentEnd !== null && stat.startTime <= agentEnd);
}

function namespaceOf({ init, agent }: Family, census: Census): readonly ProcStat[] {
  const seed = [init, agent].flatMap((birth) => (birth === null ? [] : same(census, birth)))[0];
  return seed === undefined ? [] : [namespaceInit(seed, census) ?? seed];
}

function same(census: Census, { pid, startTime }: Birth): readonly ProcStat[] {
  const stat = census.byPid.get(pid);
  return stat?.startTime === startTime ? [stat] : [];
}
