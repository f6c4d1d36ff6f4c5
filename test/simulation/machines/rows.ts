import { createHash } from 'node:crypto';
import type { Change, CopiedRow, Copy, CopyTable } from '../../../src/adapters/machines/copy/copy.ts';
import type { StoreContents } from '../../../src/adapters/store/memory.ts';
import { type RowName, type Rows, type StoredRow, TABLE_NAMES, type TableName } from '../../../src/adapters/store/sqlite/rows.ts';

/** What of the facts belongs to one machine, and does not go over. */
const OWN: ReadonlySet<string> = new Set(['copy', 'daemon', 'trouble', 'slow']);
const numbered = (n: number): string => String(n).padStart(16, '0');

/** A row's document, and where it stands among the others. */
interface Body {
  readonly seq: number;
  readonly doc: unknown;
}

/** A store in memory as rows, by the names that the database has for them. */
export function rowsOf(contents: StoreContents): Rows {
  const { tasks, runs, facts, counters, history, requests } = contents;
  const maps: Readonly<Record<Exclude<TableName, 'history'>, ReadonlyMap<unknown, unknown>>> = { tasks, runs, facts, counters, requests };
  const row = (table: TableName, key: string, seq: number, doc: unknown): StoredRow => ({
    table,
    key,
    body: JSON.stringify({ seq, doc } satisfies Body),
  });
  function* all(table: TableName): Iterable<StoredRow> {
    if (table === 'history') {
      for (const [n, entry] of history.entries()) yield row(table, numbered(n + 1), n + 1, entry);
      return;
    }
    let seq = 0;
    for (const [key, doc] of maps[table]) {
      seq += 1;
      yield row(table, table === 'requests' ? numbered(key as number) : String(key), seq, doc);
    }
  }
  return {
    read(names) {
      const wanted = Map.groupBy(names, ({ table }) => table);
      return [...wanted].flatMap(([table, some]) => {
        const keys = new Set(some.map(({ key }) => key));
        return [...all(table)].filter(({ key }) => keys.has(key));
      });
    },
    after: (table, key) => [...all(table)].filter((one) => one.key > key),
    first: (table) => [...all(table)].map(({ key }) => key).toSorted()[0] ?? null,
    all,
    close: () => undefined,
  };
}

/** Puts rows in place of all that a store has. */
export function fill(contents: StoreContents, rows: Iterable<CopiedRow>): void {
  const { tasks, runs, facts, counters, history, requests } = contents;
  const maps: Readonly<Record<Exclude<TableName, 'history'>, Map<unknown, unknown>>> = { tasks, runs, facts, counters, requests } as never;
  history.length = 0;
  for (const map of Object.values(maps)) map.clear();
  const found = [...rows].map(({ table, key, body }) => ({ table: table as TableName, key, ...(JSON.parse(body) as Body) }));
  for (const { table, key, doc } of found.toSorted((a, b) => a.seq - b.seq)) {
    if (table === 'history') history.push(doc as never);
    else if (table !== 'facts' || !OWN.has(key)) maps[table].set(table === 'requests' ? Number(key) : key, doc);
  }
}

/** The copy of the coordinator's store, as it stands in Postgres. */
export interface CopyTruth {
  of(): Copy | null;
  rows(): readonly CopiedRow[];
  asSeenBy(ask: <T>(effect: () => T) => Promise<T>, leads: (generation: string) => boolean, now: () => number): CopyTable;
}

export function createCopy(): CopyTruth {
  const rows = new Map<string, CopiedRow>();
  let of: Copy | null = null;
  const nameOf = ({ table, key }: Pick<RowName, 'key'> & { readonly table: string }): string => `${table} ${key}`;
  const ofTable = (table: string): readonly CopiedRow[] =>
    [...rows.values()].filter((row) => row.table === table).sort((a, b) => (a.key < b.key ? -1 : 1));

  function write(by: Omit<Copy, 'isWhole'>, { put, gone, before, isWhole }: Change): void {
    for (const one of gone) rows.delete(nameOf(one));
    for (const { table, key } of before) for (const row of ofTable(table)) if (row.key < key) rows.delete(nameOf(row));
    for (const row of put) rows.set(nameOf(row), row);
    of = { ...by, isWhole };
  }

  return {
    of: () => of,
    rows: () => TABLE_NAMES.flatMap(ofTable),
    asSeenBy: (ask, leads, now) => ({
      write: (by, change) =>
        ask(() => {
          if (!leads(by.generation)) return false;
          write(by, change);
          return true;
        }),
      sums: (table) => ask(() => ofTable(table).map(({ key, body }) => ({ key, sum: createHash('md5').update(body).digest('hex') }))),
      last: (table) => ask(() => ofTable(table).at(-1)?.key ?? ''),
      ahead: (mine) => ask(() => mine() - now()),
    }),
  };
}
