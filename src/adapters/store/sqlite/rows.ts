import { existsSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { MIGRATIONS } from './migrations.ts';
import { preparer } from './prepare.ts';
import { setAside } from './set-aside.ts';
import { openSqliteStore } from './sqlite.ts';

/*
 * The rows of the database as they are, for a copy of it elsewhere: all that the store is made of. What triggers and indexes keep up is not among it,
 * they keep it up there as well.
 */

/** By which column a row is known, and all that it has. Those that others refer to come first. */
const TABLES = {
  tasks: { key: 'id', columns: ['seq', 'id', 'version', 'state', 'ended_at', 'doc'] },
  runs: { key: 'id', columns: ['seq', 'id', 'task', 'version', 'state', 'created_at', 'doc'] },
  facts: { key: 'name', columns: ['name', 'doc'] },
  counters: { key: 'name', columns: ['name', 'n'] },
  history: { key: 'seq', columns: ['seq', 'at', 'task', 'run', 'event', 'detail'] },
  requests: { key: 'id', columns: ['id', 'at', 'verb', 'task', 'args', 'answered_at', 'ok', 'message'] },
} as const satisfies Record<string, { readonly key: string; readonly columns: readonly string[] }>;

export type TableName = keyof typeof TABLES;
export const TABLE_NAMES = Object.keys(TABLES) as readonly TableName[];
/** Tables that grow at their end, and lose what is oldest. */
export const GROWING = ['history', 'requests'] as const satisfies readonly TableName[];

/** The version of the tables: a program that knows a lower one cannot take the rows in. */
export const TABLES_VERSION = MIGRATIONS.length;

export interface RowName {
  readonly table: TableName;
  /** A number is written with 16 digits, so that keys are in order as texts as well. */
  readonly key: string;
}

export interface StoredRow extends RowName {
  readonly body: string;
}

export interface Rows {
  /** As they stand now; one that is not there is left out. */
  read(names: Iterable<RowName>): readonly StoredRow[];
  /** Those of a growing table that came after a key; an empty key: all. */
  after(table: (typeof GROWING)[number], key: string): Iterable<StoredRow>;
  /** The oldest key of a growing table; null: it is empty. */
  first(table: (typeof GROWING)[number]): string | null;
  all(table: TableName): Iterable<StoredRow>;
  close(): void;
}

type Row = Readonly<Record<string, unknown>>;

const DIGITS = 16;
const isNumbered = (table: TableName): boolean => table === 'history' || table === 'requests';
const keyOf = (table: TableName, row: Row): string => {
  const value = String(row[TABLES[table].key]);
  return isNumbered(table) ? value.padStart(DIGITS, '0') : value;
};
const inTable = (table: TableName, key: string): string | number => (isNumbered(table) ? Number(key) : key);
const select = (table: TableName): string => `SELECT ${TABLES[table].columns.join(', ')} FROM ${table}`;

/** Reads beside the store, by a connection of its own. */
export function openRows(path: string): Rows {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
  const prepare = preparer(db);
  const stored = (table: TableName, row: Row): StoredRow => ({ table, key: keyOf(table, row), body: JSON.stringify(row) });
  function* each(table: TableName, rows: Iterable<Row>): Iterable<StoredRow> {
    for (const row of rows) yield stored(table, row);
  }
  return {
    read(names) {
      db.exec('BEGIN');
      try {
        const found: StoredRow[] = [];
        for (const { table, key } of names) {
          const row = prepare(`${select(table)} WHERE ${TABLES[table].key} = ?`).get(inTable(table, key));
          if (row !== undefined) found.push(stored(table, row));
        }
        return found;
      } finally {
        db.exec('COMMIT');
      }
    },
    after: (table, key) => {
      const column = TABLES[table].key;
      return each(table, prepare(`${select(table)} WHERE ${column} > ? ORDER BY ${column}`).all(key === '' ? -1 : Number(key)));
    },
    first: (table) => {
      const column = TABLES[table].key;
      const row = prepare(`SELECT ${column} FROM ${table} ORDER BY ${column} LIMIT 1`).get();
      return row === undefined ? null : keyOf(table, row);
    },
    all: (table) => each(table, db.prepare(select(table)).iterate()),
    close: () => db.close(),
  };
}

/** A database that is made of rows beside the one that it is to stand in for. */
export interface Rebuilding {
  put(rows: Iterable<Pick<StoredRow, 'table' | 'body'>>): void;
  /** It stands in the place of the one before, which is kept under a name of its own: that is answered; null: there was none. */
  done(): string | null;
  /** Nothing of it stays. */
  abandon(): void;
}

/** Only for who holds the daemon's lock. */
export function rebuild(path: string): Rebuilding {
  const making = `${path}.taking-over`;
  const clear = (): void => {
    for (const suffix of ['', '-wal', '-shm']) rmSync(making + suffix, { force: true });
  };
  clear();
  openSqliteStore({ path: making }).close();
  // Rows come table by table, and are whole once all are there.
  const db = new DatabaseSync(making, { enableForeignKeyConstraints: false });
  const prepare = preparer(db);
  db.exec('PRAGMA synchronous = FULL');
  db.exec('BEGIN IMMEDIATE');
  return {
    put(rows) {
      for (const { table, body } of rows) {
        const { columns } = TABLES[table];
        const row = JSON.parse(body) as Record<string, string | number | null>;
        prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`).run(
          ...columns.map((column) => row[column] ?? null),
        );
      }
    },
    done() {
      db.exec('COMMIT');
      db.close();
      const aside = existsSync(path) ? setAside(path, 'before') : null;
      renameSync(making, path);
      return aside;
    },
    abandon() {
      if (db.isOpen) db.close();
      clear();
    },
  };
}
