import type { MachineTold } from '../../core/limits/machines-seen.ts';
import type { Database } from './database.ts';
import { leads } from './lead.ts';

export const HEARTBEAT_MS = 2_000;

/** What a machine says of itself. */
export interface Capacity {
  readonly name: string;
  /** /proc/sys/kernel/random/boot_id */
  readonly boot: string;
  readonly version: string;
  readonly protocol: number;
  readonly slots: number;
  readonly load: number;
  readonly freeDisk: number;
  readonly freeMemory: number;
  /** By how much its clock is ahead of the one of Postgres, in ms; null: it has not told. */
  readonly ahead: number | null;
  /** What it has that not every machine has: `gpu`. */
  readonly labels: readonly string[];
  /** Why it takes nothing for a while: its starts fail; null: they do not. */
  readonly broken: string | null;
}

export interface MachineSeen extends Capacity {
  readonly draining: boolean;
  /** It was given up, and has not ended yet what it had. */
  readonly forgotten: boolean;
  /** Since its last word, by the clock of Postgres. */
  readonly silentMs: number;
  /** Runs that it was given and that have not ended. */
  readonly runs: readonly string[];
}

export async function beat(
  database: Database,
  { name, boot, version, protocol, slots, load, freeDisk, freeMemory, ahead, labels, broken }: Capacity,
): Promise<void> {
  await database.query(
    `insert into machines (name, boot, version, protocol, slots, load, free_disk, free_memory, ahead_ms, labels, broken)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     on conflict (name) do update set boot = $2, version = $3, protocol = $4, slots = $5, load = $6, free_disk = $7, free_memory = $8,
       ahead_ms = coalesce($9, machines.ahead_ms), labels = $10, broken = $11, seen = now()`,
    [name, boot, version, protocol, slots, load, Math.round(freeDisk), Math.round(freeMemory), ahead, labels, broken],
  );
}

const COLUMNS = `name, boot, version, protocol, slots, load, free_disk::float8 as "freeDisk", free_memory::float8 as "freeMemory", ahead_ms as ahead, labels, broken, draining, forgotten is not null as forgotten,
  (extract(epoch from now() - seen) * 1000)::float8 as "silentMs",
  array(select run from leases where machine = machines.name order by at) as runs`;

export const listMachines = (database: Database): Promise<MachineSeen[]> =>
  database.query<MachineSeen>(`select ${COLUMNS} from machines order by name`);

export async function machineNamed(database: Database, name: string): Promise<MachineSeen | null> {
  const [row] = await database.query<MachineSeen>(`select ${COLUMNS} from machines where name = $1`, [name]);
  return row ?? null;
}

/** It is given nothing more, or is again. Answers whether there is such a machine. */
export async function setDraining(database: Database, name: string, draining: boolean, generation: string | null = null): Promise<boolean> {
  const rows = await database.query(`update machines set draining = $2 where name = $1 and ${leads('$3', generation)} returning name`, [
    name,
    draining,
    generation,
  ]);
  return rows.length > 0;
}

/** As it is written down here, at this time. */
export const toldOf = (seen: MachineSeen, at: number): MachineTold => ({
  ...{ name: seen.name, version: seen.version, slots: seen.slots, runs: seen.runs, labels: seen.labels },
  ...{ loadPerCore: seen.load, freeDiskBytes: seen.freeDisk, freeMemoryBytes: seen.freeMemory },
  ...{ draining: seen.draining, forgotten: seen.forgotten, broken: seen.broken, heardAt: Math.round(at - seen.silentMs) },
});
