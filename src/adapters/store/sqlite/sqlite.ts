import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Ms } from '../../../core/model/seen.ts';
import { PortError } from '../../../engine/ports/error.ts';
import type { Misfit } from '../../../engine/ports/records/facts.ts';
import type { Store } from '../../../engine/ports/records/store.ts';
import { addIndexes } from './indexes.ts';
import { migrate } from './migrations.ts';
import { preparer } from './prepare.ts';
import { DamagedError, isBusy, sortSqliteError } from './sqlite-error.ts';
import { readers } from './sqlite-read.ts';
import { writers } from './sqlite-write.ts';

const BUSY_TIMEOUT: Ms = 5_000;

export interface SqliteStoreOptions {
  /** Absolute. */
  readonly path: string;
  readonly readOnly?: boolean;
  /** How long a write waits for another process's; 5 s. */
  readonly busyTimeout?: Ms;
  /** Reads the whole file once (under 1 ms per MB), so that damage is found now and not in the middle of the night. */
  readonly verify?: boolean;
  /** Told once of each thing that is stored and does not have its shape. */
  readonly onMisfit?: (misfit: Misfit) => void;
}

function once(tell: (misfit: Misfit) => void): (misfit: Misfit) => void {
  const told = new Set<string>();
  return (misfit) => {
    const key = `${misfit.what}: ${misfit.why}`;
    if (told.has(key)) return;
    told.add(key);
    tell(misfit);
  };
}

/**
 * The store in one SQLite file; any number of processes may have it open, each write is one durable transaction.
 * Throws PortErrors: terminal for a damaged, foreign, newer or (read-only) missing file.
 */
export function openSqliteStore(options: SqliteStoreOptions): Store {
  const { path } = options;
  const sorted = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw sortSqliteError(error, path);
    }
  };
  const db = sorted(() => openDatabase(options));
  const prepare = preparer(db);
  const dataVersion = (): number => Number(prepare('PRAGMA data_version').get()?.data_version);
  const read = readers(prepare, path, dataVersion, once(options.onMisfit ?? (() => undefined)));
  const write = writers(db, prepare);
  const changes = { own: 0, seen: Number.NaN };
  /** What this process writes does not change the data version. */
  const writing = <T>(work: () => T): T => {
    changes.own += 1;
    return sorted(work);
  };
  return {
    task: (id) => sorted(() => read.task(id)),
    tasks: (ids) => sorted(() => read.tasks(ids)),
    openTasks: () => sorted(() => read.openTasks()),
    endedTasks: (filter) => sorted(() => read.endedTasks(filter)),
    countEnded: (since) => sorted(() => read.countEnded(since)),
    countTasks: () => sorted(() => read.countTasks()),
    run: (id) => sorted(() => read.run(id)),
    openRuns: () => sorted(() => read.openRuns()),
    runsOf: (task) => sorted(() => read.runsOf(task)),
    endings: (since, take, until) => sorted(() => read.endings(since, take, until)),
    history: (filter) => sorted(() => read.history(filter)),
    counters: () => sorted(() => read.counters()),
    fact: (name) => sorted(() => read.fact(name)),
    misfits: () => sorted(() => read.misfits()),
    requests: () => sorted(() => read.requests()),
    answer: (id) => sorted(() => read.answer(id)),
    commit: (commit) =>
      writing(() => {
        read.touch(commit);
        write.commit(commit);
      }),
    prune: (before) => writing(() => write.prune(before)),
    ask: (request) => writing(() => write.ask(request)),
    changes: () =>
      sorted(() => {
        const now = dataVersion();
        if (now !== changes.seen) changes.own += 1;
        changes.seen = now;
        return changes.own;
      }),
    close: () => {
      if (db.isOpen) sorted(() => db.close());
    },
  };
}

function openDatabase({ path, readOnly = false, busyTimeout = BUSY_TIMEOUT, verify = false }: SqliteStoreOptions): DatabaseSync {
  if (readOnly && !existsSync(path)) {
    throw new PortError('terminal', `there is no database at ${path}`, { hint: 'tac8 has not run here yet: `tac8 start` makes it.' });
  }
  if (!readOnly) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(path, { readOnly, timeout: busyTimeout, enableForeignKeyConstraints: true });
  try {
    if (!readOnly) {
      switchToWal(db, busyTimeout);
      db.exec('PRAGMA synchronous = FULL');
    }
    migrate(db, path, readOnly);
    if (!readOnly) addIndexes(db);
    if (verify) expectWhole(db, path);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function expectWhole(db: DatabaseSync, path: string): void {
  const found = String(db.prepare('PRAGMA quick_check(1)').get()?.quick_check);
  if (found !== 'ok') throw new DamagedError(path, found);
  for (const table of ['tasks', 'runs', 'facts']) {
    const torn = Number(db.prepare(`SELECT count(*) AS n FROM ${table} WHERE NOT json_valid(doc)`).get()?.n);
    if (torn > 0) throw new DamagedError(path, `${torn} documents in ${table} are not JSON`);
  }
}

/** SQLite does not wait its busy timeout for this switch, which happens once in a file's life: two first starts may meet. */
function switchToWal(db: DatabaseSync, patience: Ms): void {
  const deadline = performance.now() + patience;
  for (;;) {
    try {
      db.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
