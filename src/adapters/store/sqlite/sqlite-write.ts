import type { DatabaseSync } from 'node:sqlite';
import type { Commit } from '../../../core/model/records.ts';
import type { Run } from '../../../core/model/run.ts';
import type { Task } from '../../../core/model/task.ts';
import { ConflictError, type Store } from '../../../engine/ports/records/store.ts';
import { conflictText, endedAt, noSuchTask, stored } from '../documents.ts';
import type { Prepare } from './prepare.ts';

/** So many rows at a time, so that nobody waits long for the lock. */
const PRUNED_AT_ONCE = 5_000;

/** The ways to change the store; each is one transaction, on the disk when it returns. */
export function writers(db: DatabaseSync, prepare: Prepare): Pick<Store, 'commit' | 'ask' | 'prune'> {
  const versionOf = (table: 'tasks' | 'runs', id: string): number | null => {
    const row = prepare(`SELECT version FROM ${table} WHERE id = ?`).get(id);
    return row === undefined ? null : Number(row.version);
  };

  const putTask = (next: Task, expected: number | null): void => {
    const found = versionOf('tasks', next.id);
    if (found !== expected) throw new ConflictError(conflictText('task', next.id, expected, found));
    const task = stored(next, expected);
    const values = [task.version, task.state, endedAt(task), JSON.stringify(task), task.id];
    if (expected === null) prepare('INSERT INTO tasks (version, state, ended_at, doc, id) VALUES (?, ?, ?, ?, ?)').run(...values);
    else prepare('UPDATE tasks SET version = ?, state = ?, ended_at = ?, doc = ? WHERE id = ?').run(...values);
  };

  const putRun = (next: Run, expected: number | null): void => {
    const found = versionOf('runs', next.id);
    if (found !== expected) throw new ConflictError(conflictText('run', next.id, expected, found));
    if (versionOf('tasks', next.task) === null) throw noSuchTask(next.id, next.task);
    const run = stored(next, expected);
    const values = [run.task, run.version, run.state, run.createdAt, JSON.stringify(run), run.id];
    if (expected === null) prepare('INSERT INTO runs (task, version, state, created_at, doc, id) VALUES (?, ?, ?, ?, ?, ?)').run(...values);
    else prepare('UPDATE runs SET task = ?, version = ?, state = ?, created_at = ?, doc = ? WHERE id = ?').run(...values);
  };

  const putRest = (commit: Commit): void => {
    for (const { at, task, run, event, detail } of commit.history ?? []) {
      prepare('INSERT INTO history (at, task, run, event, detail) VALUES (?, ?, ?, ?, ?)').run(at, task, run, event, detail);
    }
    // Reset first: what is counted by this very commit is not lost.
    for (const name of commit.resetCounters ?? []) prepare('DELETE FROM counters WHERE name = ?').run(name);
    for (const [name, n] of Object.entries(commit.counters ?? {})) {
      prepare('INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n = n + excluded.n').run(name, n);
    }
    for (const [name, value] of Object.entries(commit.facts ?? {})) {
      if (value === undefined) prepare('DELETE FROM facts WHERE name = ?').run(name);
      else prepare('INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET doc = excluded.doc').run(name, JSON.stringify(value));
    }
    for (const { id, at, ok, message } of commit.answers ?? []) {
      // The first answer stands: a request that is answered again after a crash keeps what the person was told.
      prepare('UPDATE requests SET answered_at = ?, ok = ?, message = ? WHERE id = ? AND answered_at IS NULL').run(
        at,
        ok ? 1 : 0,
        message,
        id,
      );
    }
  };

  return {
    commit: (commit) => {
      db.exec('BEGIN IMMEDIATE');
      try {
        for (const { next, expected } of commit.tasks ?? []) putTask(next, expected);
        for (const { next, expected } of commit.runs ?? []) putRun(next, expected);
        putRest(commit);
        db.exec('COMMIT');
      } catch (error) {
        // A full disk rolls back by itself.
        if (db.isTransaction) db.exec('ROLLBACK');
        throw error;
      }
    },
    prune: ({ answered, history }) => {
      // Both are numbered in the order in which they came: the old ones are the first.
      const gone = prepare('DELETE FROM requests WHERE id IN (SELECT id FROM requests ORDER BY id LIMIT ?) AND answered_at < ?');
      const forgotten = prepare('DELETE FROM history WHERE seq IN (SELECT seq FROM history ORDER BY seq LIMIT ?) AND at < ?');
      return Number(gone.run(PRUNED_AT_ONCE, answered).changes) + Number(forgotten.run(PRUNED_AT_ONCE, history).changes);
    },
    ask: ({ verb, task, args, at }) =>
      Number(
        prepare('INSERT INTO requests (at, verb, task, args) VALUES (?, ?, ?, ?)').run(at, verb, task, JSON.stringify(args))
          .lastInsertRowid,
      ),
  };
}
