import { scanMarks } from './marks.ts';
import { isZombie, listRecently, type ProcStat } from './proc.ts';

/** What makes a process one of a run's. */
export interface Family {
  /** The run's folder, the value of TAC8_RUN_DIR: ids of runs are short, and another repository may have the same. */
  readonly dir: string;
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
  const marked = (await scanMarks()).filter(({ stat }) => stat.startTime >= family.since);
  const live = marked.map(({ stat }) => stat);
  const found = live.filter((stat) => isKin(stat, family, live));
  const ours = marked.filter(({ dir }) => dir === family.dir).map(({ stat }) => stat);
  return withDescendants(new Set([...found, ...ours]), live);
}

/** As far as parents and sessions tell, without reading any environment: for the look at a run whose agent lives. */
export function kinOf(family: Family): readonly ProcStat[] {
  const live = listRecently().filter((stat) => stat.startTime >= family.since && stat.pid !== process.pid && !isZombie(stat));
  return withDescendants(new Set(live.filter((stat) => isKin(stat, family, live))), live);
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
