import type { Database } from './database.ts';
import type { MachineSeen } from './register.ts';

/** Clocks that are no further apart count as the same. */
const ALIKE_MS = 500;
/** A measurement over a slow connection says too little. */
const SLOWEST_MS = 1_000;
const MEASURE_EVERY_MS = 5_000;

/** By how much a clock is ahead of the one of Postgres; null: the connection was too slow to tell. */
export async function aheadOfPostgres(database: Database, now: () => number): Promise<number | null> {
  const before = now();
  const [row] = await database.query<{ at: number }>('select (extract(epoch from clock_timestamp()) * 1000)::float8 as at');
  const after = now();
  return row === undefined || after < before || after - before > SLOWEST_MS ? null : (before + after) / 2 - row.at;
}

export interface Clocks {
  /** By how much the clock of a machine is ahead of the one here; 0 where nobody knows. The same number as long as it is about that. */
  ahead(machine: string): Promise<number>;
}

interface Told {
  ahead(now: () => number): Promise<number | null>;
  machineNamed(name: string): Promise<Pick<MachineSeen, 'ahead'> | null>;
}

/** Machines tell how their clock stands to the one of Postgres; so does this one: neither has to be right. */
export function compareClocks(shared: Told, now: () => number, steady: () => number): Clocks {
  const kept = new Map<string, { by: number; at: number }>();
  return {
    async ahead(machine) {
      const known = kept.get(machine);
      const at = steady();
      if (known !== undefined && at - known.at < MEASURE_EVERY_MS) return known.by;
      const [mine, seen] = await Promise.all([shared.ahead(now), shared.machineNamed(machine)]).catch(() => [null, null]);
      const theirs = seen?.ahead ?? null;
      if (mine === null || theirs === null) return known?.by ?? 0;
      const measured = theirs - mine;
      const before = known?.by ?? 0;
      const by = Math.abs(measured - before) < ALIKE_MS ? before : Math.abs(measured) < ALIKE_MS ? 0 : Math.round(measured);
      kept.set(machine, { by, at });
      return by;
    },
  };
}
