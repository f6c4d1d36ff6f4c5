import { aheadOfPostgres } from '../clocks.ts';
import type { Database } from '../database.ts';

/*
 * A copy of the coordinator's store in Postgres, row by row: what a coordinator elsewhere goes on with when this one is gone. Only who has the lead
 * writes it, and whoever takes the lead over waits for a write that is under way: a row's lock keeps the two apart.
 */

/** A row of the store, as it knows it. */
export interface CopiedRow {
  readonly table: string;
  readonly key: string;
  readonly body: string;
}

export interface Change {
  readonly put: readonly CopiedRow[];
  readonly gone: readonly Omit<CopiedRow, 'body'>[];
  /** Rows of a table whose keys are lower are gone. */
  readonly before: readonly Omit<CopiedRow, 'body'>[];
  /** False: more is to come before the copy is one that can be gone on with. */
  readonly isWhole: boolean;
}

/** What the copy is of. */
export interface Copy {
  /** The lead by which it was written last. */
  readonly generation: string;
  /** Of its tables. */
  readonly version: number;
  /** At the forge; null: it is at none. */
  readonly repository: string | null;
  readonly isWhole: boolean;
  /** By how much the clock that it was written by is ahead of the one of Postgres, in ms; null: nobody knows. */
  readonly ahead: number | null;
  /** Its coordinator, for people. */
  readonly words: string;
}

/** Where the copy is: in Postgres, or in a world that is made up. */
export interface CopyTable {
  /** See writeCopy. */
  write(of: Omit<Copy, 'isWhole'>, change: Change): Promise<boolean>;
  sums(table: string): Promise<readonly { readonly key: string; readonly sum: string }[]>;
  last(table: string): Promise<string>;
  /** By how much a clock is ahead of the common one; null: nobody can tell. */
  ahead(now: () => number): Promise<number | null>;
}

export const copyIn = (database: Database): CopyTable => ({
  write: (of, change) => writeCopy(database, of, change),
  sums: (table) => sumsOfCopy(database, table),
  last: (table) => lastOfCopy(database, table),
  ahead: (now) => aheadOfPostgres(database, now),
});

/** All or nothing. False: another coordinator has the lead, and nothing was written. */
export async function writeCopy(database: Database, of: Omit<Copy, 'isWhole'>, { put, gone, before, isWhole }: Change): Promise<boolean> {
  const names = (rows: readonly Omit<CopiedRow, 'body'>[]) => [rows.map(({ table }) => table), rows.map(({ key }) => key)];
  const rows = await database.query(
    `with held as (select 1 from lead where generation = $1 for share),
       gone as (delete from store_rows s using unnest($2::text[], $3::text[]) as g(kind, key)
         where s.kind = g.kind and s.key = g.key and exists (select from held)),
       before as (delete from store_rows s using unnest($4::text[], $5::text[]) as b(kind, key)
         where s.kind = b.kind and s.key < b.key and exists (select from held)),
       put as (insert into store_rows (kind, key, body)
         select * from unnest($6::text[], $7::text[], $8::text[]) where exists (select from held)
         on conflict (kind, key) do update set body = excluded.body),
       said as (insert into store_copy (id, generation, version, repository, words, whole, ahead_ms)
         select 1, $1, $9, $10, $11, $12, $13 where exists (select from held)
         on conflict (id) do update set generation = $1, version = $9, repository = $10, words = $11, whole = $12, ahead_ms = $13, at = now())
     select 1 as held from held`,
    [
      ...[of.generation, ...names(gone), ...names(before), ...names(put), put.map(({ body }) => body)],
      ...[of.version, of.repository, of.words, isWhole, of.ahead],
    ],
  );
  return rows.length > 0;
}

/** Null: no coordinator has written one. */
export async function readCopy(database: Database): Promise<Copy | null> {
  const [row] = await database.query<Copy>(
    'select generation, version, repository, words, whole as "isWhole", ahead_ms as ahead from store_copy where id = 1',
  );
  return row ?? null;
}

/** What stands in the copy, by a sum of each row: what is the same need not be sent again. */
const sumsOfCopy = (database: Database, table: string): Promise<{ readonly key: string; readonly sum: string }[]> =>
  database.query('select key, md5(body) as sum from store_rows where kind = $1', [table]);

/** The highest key of a table in the copy; empty: it has none. */
async function lastOfCopy(database: Database, table: string): Promise<string> {
  const [row] = await database.query<{ key: string }>('select key from store_rows where kind = $1 order by key desc limit 1', [table]);
  return row?.key ?? '';
}

/** So many rows are read at once. */
const PAGE = 2_000;

export async function* rowsOfCopy<T extends string>(
  database: Database,
  table: T,
): AsyncIterable<readonly { readonly table: T; readonly body: string }[]> {
  for (let after = ''; ; ) {
    const rows = await database.query<{ key: string; body: string }>(
      'select key, body from store_rows where kind = $1 and key > $2 order by key limit $3',
      [table, after, PAGE],
    );
    if (rows.length > 0) yield rows.map(({ body }) => ({ table, body }));
    if (rows.length < PAGE) return;
    after = rows.at(-1)?.key ?? '';
  }
}
