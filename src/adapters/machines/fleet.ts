import type { Database } from './database.ts';
import { PROTOCOL } from './tables/schema.ts';

/** What the coordinator lays down for its runners. */
export interface Fleet {
  readonly settings: object;
  readonly version: string;
  readonly protocol: number;
}

export async function publish(database: Database, settings: object, version: string): Promise<void> {
  await database.query(
    `insert into fleet (id, settings, version, protocol) values (1, $1, $2, $3)
     on conflict (id) do update set settings = $1, version = $2, protocol = $3, at = now()`,
    [settings, version, PROTOCOL],
  );
}

/** Null: no coordinator has been there yet. */
export async function readFleet(database: Database): Promise<Fleet | null> {
  const [row] = await database.query<Fleet>('select settings, version, protocol from fleet where id = 1');
  return row ?? null;
}
