import { PortError } from '../../engine/ports/error.ts';
import type { Database } from './database.ts';
import { leads } from './lead.ts';

/** Commits on their way, see adapters/git/packs. */
export interface Parcel {
  readonly refs: Readonly<Record<string, string>>;
  readonly bytes: Buffer | null;
}

/** For whom it is laid down: the coordinator that has the lead, or one that waits for a machine's answer to its call. Null: whoever comes. */
interface Wanted {
  readonly generation: string | null;
  readonly call: string | null;
}

/** Lays commits down for a machine, or from it, under the number that is answered. Null: nobody wants them any more, and they are not there. */
export async function layDown(
  database: Database,
  machine: string,
  { refs, bytes }: Parcel,
  { generation, call }: Wanted = { generation: null, call: null },
): Promise<string | null> {
  const [row] = await database.query<{ id: string }>(
    `insert into packs (machine, refs, bytes) select $1, $2::jsonb, $3::bytea
     where ${leads('$4', generation)} and ($5::bigint is null or exists (select from calls where id = $5)) returning id`,
    [machine, refs, bytes, generation, call],
  );
  return row?.id ?? null;
}

/** Takes them up; they are gone then. */
export async function pickUp(database: Database, id: string): Promise<Parcel> {
  const [row] = await database.query<Parcel>('select refs, bytes from packs where id = $1', [id]);
  if (row === undefined) throw new PortError('retryable', `the commits of parcel ${id} are not there any more`);
  return row;
}

export const throwAway = (database: Database, id: string): Promise<unknown> => database.query('delete from packs where id = $1', [id]);
