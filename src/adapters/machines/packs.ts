import { PortError } from '../../engine/ports/error.ts';
import type { Database } from './database.ts';

/** Commits on their way, see adapters/git/packs. */
interface Parcel {
  readonly refs: Readonly<Record<string, string>>;
  readonly bytes: Buffer | null;
}

/** Lays commits down for whoever asks for them by the number that is answered. */
export async function layDown(database: Database, { refs, bytes }: Parcel): Promise<string> {
  const [row] = await database.query<{ id: string }>('insert into packs (refs, bytes) values ($1, $2) returning id', [refs, bytes]);
  return row?.id ?? '';
}

/** Takes them up; they are gone then. */
export async function pickUp(database: Database, id: string): Promise<Parcel> {
  const [row] = await database.query<Parcel>('select refs, bytes from packs where id = $1', [id]);
  if (row === undefined) throw new PortError('retryable', `the commits of parcel ${id} are not there any more`);
  return row;
}

export const throwAway = (database: Database, id: string): Promise<unknown> => database.query('delete from packs where id = $1', [id]);
