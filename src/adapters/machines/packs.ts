import { PortError } from '../../engine/ports/error.ts';
import type { Database } from './database.ts';

/** Commits on their way, see adapters/git/packs. */
interface Parcel {
  readonly refs: Readonly<Record<string, string>>;
  readonly bytes: Buffer | null;
}

/** Lays commits down for a machine, or from it, under the number that is answered. */
export async function layDown(database: Database, machine: string, { refs, bytes }: Parcel): Promise<string> {
  const text = 'insert into packs (machine, refs, bytes) values ($1, $2, $3) returning id';
  const [row] = await database.query<{ id: string }>(text, [machine, refs, bytes]);
  return row?.id ?? '';
}

/** Takes them up; they are gone then. */
export async function pickUp(database: Database, id: string): Promise<Parcel> {
  const [row] = await database.query<Parcel>('select refs, bytes from packs where id = $1', [id]);
  if (row === undefined) throw new PortError('retryable', `the commits of parcel ${id} are not there any more`);
  return row;
}

export const throwAway = (database: Database, id: string): Promise<unknown> => database.query('delete from packs where id = $1', [id]);
