import { isZombie, listProcesses, type ProcStat } from './proc.ts';

/** The live processes of the machine at one moment (zombies are not), found by what they have in common. */
export interface Census {
  readonly byPid: ReadonlyMap<number, ProcStat>;
  readonly children: ReadonlyMap<number, readonly ProcStat[]>;
  readonly sessions: ReadonlyMap<number, readonly ProcStat[]>;
}

/** Throws a PortError when /proc does not answer. This very process is left out: it is never one of a run's. */
export function takeCensus(): Census {
  const live = listProcesses().filter((stat) => !isZombie(stat) && stat.pid !== process.pid);
  return {
    byPid: new Map(live.map((stat) => [stat.pid, stat])),
    children: Map.groupBy(live, (stat) => stat.ppid),
    sessions: Map.groupBy(live, (stat) => stat.session),
  };
}

let recent: { readonly at: number; readonly census: Census } | null = null;

/** One at most 50 ms old: many runs are counted in one tick. Nothing may be signalled or called gone by it. */
export function recentCensus(): Census {
  if (recent === null || performance.now() - recent.at > 50) recent = { census: takeCensus(), at: performance.now() };
  return recent.census;
}

/** These and all below them. */
export function withDescendants(seeds: Iterable<ProcStat>, census: Census): readonly ProcStat[] {
  const found = new Set(seeds);
  for (const parent of found) for (const child of census.children.get(parent.pid) ?? []) found.add(child); // a Set hands out what is added meanwhile
  return [...found];
}
