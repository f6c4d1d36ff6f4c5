import type { DatabaseSync } from 'node:sqlite';
import { PortError } from '../../../engine/ports/error.ts';

/*
 * Rows are JSON documents; the columns beside them are those that queries look things up by. Migration n brings a
 * database from version n to n + 1. Never change one that was released: add another.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE tasks (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    ended_at INTEGER,
    doc TEXT NOT NULL
  ) STRICT;
  CREATE INDEX tasks_by_state ON tasks (state, ended_at, seq);

  -- Kept by triggers, so that a count costs five rows however many tasks there are.
  CREATE TABLE task_counts (state TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TRIGGER tasks_added AFTER INSERT ON tasks BEGIN
    INSERT INTO task_counts VALUES (new.state, 1) ON CONFLICT (state) DO UPDATE SET n = n + 1;
  END;
  CREATE TRIGGER tasks_moved AFTER UPDATE OF state ON tasks WHEN old.state <> new.state BEGIN
    UPDATE task_counts SET n = n - 1 WHERE state = old.state;
    INSERT INTO task_counts VALUES (new.state, 1) ON CONFLICT (state) DO UPDATE SET n = n + 1;
  END;
  CREATE TRIGGER tasks_taken AFTER DELETE ON tasks BEGIN
    UPDATE task_counts SET n = n - 1 WHERE state = old.state;
  END;

  CREATE TABLE runs (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    task TEXT NOT NULL REFERENCES tasks (id),
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    doc TEXT NOT NULL
  ) STRICT;
  CREATE INDEX runs_by_task ON runs (task, created_at, seq);
  CREATE INDEX runs_open ON runs (seq) WHERE state <> 'settled';

  CREATE TABLE history (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    task TEXT,
    run TEXT,
    event TEXT NOT NULL,
    detail TEXT NOT NULL
  ) STRICT;
  CREATE INDEX history_by_task ON history (task, seq) WHERE task IS NOT NULL;

  CREATE TABLE counters (name TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE facts (name TEXT PRIMARY KEY, doc TEXT NOT NULL) STRICT, WITHOUT ROWID;

  -- AUTOINCREMENT: an id is never given twice, also after old requests are taken out.
  CREATE TABLE requests (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    verb TEXT NOT NULL,
    task TEXT,
    args TEXT NOT NULL,
    answered_at INTEGER,
    ok INTEGER,
    message TEXT
  ) STRICT;
  CREATE INDEX requests_open ON requests (id) WHERE answered_at IS NULL;
  `,
];

/** The version that the file has; 0 for an empty one. Throws for a database of somebody else. */
function versionOf(db: DatabaseSync, path: string): number {
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all();
  if (tables.length === 0) return 0;
  if (!tables.some((table) => table.name === 'schema_version')) {
    throw new PortError('terminal', `${path} is a database of another program (its first table is ${String(tables[0]?.name)})`, {
      hint: 'Name another file in store.url of tac8.yaml.',
    });
  }
  return Number(db.prepare('SELECT version FROM schema_version').get()?.version ?? 0);
}

const MAKING_MS = 2_000;

/** A file without a version is one that another process is just making: its schema comes in one transaction, at once or soon. */
function settledVersion(db: DatabaseSync, path: string, wanted: number): number {
  const deadline = performance.now() + MAKING_MS;
  for (;;) {
    const found = versionOf(db, path);
    if (found > 0 || wanted === 0 || performance.now() > deadline) return found;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  }
}

/**
 * Brings the schema to the newest version, in one transaction: a crash leaves the old version or the new one.
 * Throws a terminal PortError when the file is newer than the program, or older and opened to be read only.
 */
export function migrate(db: DatabaseSync, path: string, readOnly: boolean, migrations: readonly string[] = MIGRATIONS): void {
  const wanted = migrations.length;
  const found = readOnly ? settledVersion(db, path, wanted) : versionOf(db, path);
  if (found > wanted) {
    throw new PortError('terminal', `${path} has version ${found}, this tac8 knows versions up to ${wanted}`, {
      hint: 'A newer tac8 wrote it: install that version again. Nothing was changed.',
    });
  }
  if (found === wanted) return;
  if (readOnly) {
    throw new PortError('terminal', `${path} has version ${found}, this tac8 needs version ${wanted}`, {
      hint: 'Restart the daemon with this tac8 (`tac8 stop`, `tac8 start`): it brings the database up to date.',
    });
  }
  db.exec('BEGIN IMMEDIATE');
  try {
    // Looked at again under the lock: another process may have been faster.
    for (let version = versionOf(db, path); version < wanted; version++) {
      db.exec(migrations[version] ?? '');
      db.exec('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL) STRICT');
      db.exec('DELETE FROM schema_version');
      db.prepare('INSERT INTO schema_version VALUES (?)').run(version + 1);
    }
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
