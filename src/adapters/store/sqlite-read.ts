import type { Run } from '../../core/run.ts';
import { isTaskId, type RunId, type Task } from '../../core/task.ts';
import type { Counters, HistoryEntry, Request, Store } from '../../engine/ports.ts';
import { COUNTER_NAMES } from './documents.ts';
import type { Prepare } from './prepare.ts';
import { DamagedError } from './sqlite-error.ts';

type Reader = Pick<
  Store,
  | 'task'
  | 'tasks'
  | 'openTasks'
  | 'endedTasks'
  | 'countTasks'
  | 'run'
  | 'openRuns'
  | 'runsOf'
  | 'endedRuns'
  | 'history'
  | 'counters'
  | 'fact'
  | 'requests'
  | 'answer'
>;
type Row = Readonly<Record<string, unknown>>;

/** The questions of the Store contract, each answered by an index. */
export function readers(prepare: Prepare, path: string): Reader {
  // What was written through `commit` had these types; only damage to the file can make it anything else.
  const parse = <T>(row: Row): T => {
    try {
      return JSON.parse(String(row.doc)) as T;
    } catch (cause) {
      throw new DamagedError(path, 'it holds a document that is not JSON', cause);
    }
  };
  const one = <T>(row: Row | undefined): T | null => (row === undefined ? null : parse<T>(row));
  const task = (id: string): Task | null => one<Task>(prepare('SELECT doc FROM tasks WHERE id = ?').get(id));
  return {
    task,
    tasks: (ids) => ids.map(task).filter((found) => found !== null),
    openTasks: () =>
      prepare("SELECT doc FROM tasks WHERE state IN ('pending', 'active', 'blocked') ORDER BY seq")
        .all()
        .map((row) => parse<Task>(row)),
    endedTasks: ({ state, since, limit }) =>
      prepare('SELECT doc FROM tasks WHERE state = ? AND ended_at >= ? ORDER BY ended_at DESC, seq DESC LIMIT ?')
        .all(state, since, limit)
        .map((row) => parse<Task>(row)),
    countTasks: () => {
      const counts = { pending: 0, active: 0, completed: 0, failed: 0, blocked: 0 };
      const rows = prepare('SELECT state, n FROM task_counts').all();
      return { ...counts, ...Object.fromEntries(rows.map((row) => [row.state, Number(row.n)])) };
    },
    run: (id) => one<Run>(prepare('SELECT doc FROM runs WHERE id = ?').get(id)),
    openRuns: () =>
      prepare("SELECT doc FROM runs WHERE state <> 'settled' ORDER BY seq")
        .all()
        .map((row) => parse<Run>(row)),
    runsOf: (id) =>
      prepare('SELECT doc FROM runs WHERE task = ? ORDER BY created_at, seq')
        .all(id)
        .map((row) => parse<Run>(row)),
    endedRuns: (since, take) => {
      const rows = prepare("SELECT doc FROM runs WHERE state IN ('ended', 'settled') AND json_extract(doc, '$.endedAt') >= ?").iterate(
        since,
      );
      for (const row of rows) take(parse<Run>(row));
    },
    history: (filter) => {
      const rows =
        filter.task === undefined
          ? prepare('SELECT * FROM history ORDER BY seq DESC LIMIT ?').all(filter.limit)
          : prepare('SELECT * FROM history WHERE task = ? ORDER BY seq DESC LIMIT ?').all(filter.task, filter.limit);
      return rows.map(historyEntry);
    },
    counters: () => {
      const rows = prepare('SELECT name, n FROM counters').all();
      const found = new Map(rows.map((row) => [String(row.name), Number(row.n)]));
      return Object.fromEntries(COUNTER_NAMES.map((name) => [name, found.get(name) ?? 0])) as Record<keyof Counters, number>;
    },
    fact: <T>(name: string) => one<T>(prepare('SELECT doc FROM facts WHERE name = ?').get(name)),
    requests: () =>
      prepare('SELECT id, at, verb, task, args AS doc FROM requests WHERE answered_at IS NULL ORDER BY id').all().map(request),
    answer: (id) => {
      const row = prepare('SELECT ok, message FROM requests WHERE id = ? AND answered_at IS NOT NULL').get(id);
      return row === undefined ? null : { ok: row.ok === 1, message: String(row.message) };
    },
  };

  function request(row: Row): Request {
    return { id: Number(row.id), at: Number(row.at), verb: String(row.verb), task: taskId(row.task), args: parse(row) };
  }
}

const taskId = (value: unknown): HistoryEntry['task'] => (typeof value === 'string' && isTaskId(value) ? value : null);

const historyEntry = (row: Row): HistoryEntry => ({
  at: Number(row.at),
  task: taskId(row.task),
  run: typeof row.run === 'string' ? (row.run as RunId) : null,
  event: String(row.event),
  detail: String(row.detail),
});
