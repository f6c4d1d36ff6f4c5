import { type Commit, type Counters, type Ending, endingOf, type HistoryEntry, type Request } from '../../../core/model/records.ts';
import type { Run } from '../../../core/model/run.ts';
import { isTaskId, type RunId, type Task, type TaskId } from '../../../core/model/task.ts';
import type { Misfit } from '../../../engine/ports/records/facts.ts';
import type { Store } from '../../../engine/ports/records/store.ts';
import { COUNTER_NAMES, NO_TASKS } from '../documents.ts';
import { runOf, taskOf } from '../shapes/documents.ts';
import { ENDING, endedTasks, endingIn, FAILED_AS } from '../shapes/endings.ts';
import { factOf } from '../shapes/facts.ts';
import { isObject } from '../shapes/shape.ts';
import { ENDED_AT } from './indexes.ts';
import { keepDocuments } from './kept.ts';
import type { Prepare } from './prepare.ts';
import { DamagedError } from './sqlite-error.ts';

type Reader = Pick<
  Store,
  | 'task'
  | 'tasks'
  | 'openTasks'
  | 'endedTasks'
  | 'countEnded'
  | 'countTasks'
  | 'run'
  | 'openRuns'
  | 'runsOf'
  | 'endings'
  | 'history'
  | 'counters'
  | 'fact'
  | 'misfits'
  | 'requests'
  | 'answer'
> & {
  /** They are about to be written by this process. */
  touch(commit: Commit): void;
};
type Row = Readonly<Record<string, unknown>>;

const TASK = 'id, version, doc';
const RUN = 'id, task, version, created_at, doc';
const OPEN_TASKS = "state IN ('pending', 'active', 'blocked')";
/** The plus keeps the database from the index by state, which leads to every document. */
const COUNT_ENDED = `SELECT state, ${FAILED_AS} AS failure, count(*) AS n
  FROM tasks WHERE +state IN ('completed', 'review', 'failed') AND ended_at >= ? GROUP BY 1, 2`;
const OPEN_RUNS = "state <> 'settled'";

/** The questions of the Store contract, each answered by an index. */
export function readers(prepare: Prepare, path: string, dataVersion: () => number, onMisfit: (misfit: Misfit) => void): Reader {
  const parse = (row: Row): unknown => {
    try {
      return JSON.parse(String(row.doc));
    } catch (cause) {
      throw new DamagedError(path, 'it holds a document that is not JSON', cause);
    }
  };
  const toTask = (row: Row, tell = onMisfit): Task =>
    taskOf(parse(row), { id: String(row.id) as TaskId, version: Number(row.version) }, tell);
  const toRun = (row: Row, tell = onMisfit): Run => {
    const of = { id: String(row.id) as RunId, task: String(row.task) as TaskId, version: Number(row.version) };
    return runOf(parse(row), { ...of, createdAt: Number(row.created_at) }, tell);
  };
  const tasks = keepDocuments<Task>(prepare, dataVersion, {
    table: 'tasks',
    isOpen: OPEN_TASKS,
    columns: TASK,
    parse: (row) => toTask(row),
  });
  const runs = keepDocuments<Run>(prepare, dataVersion, { table: 'runs', isOpen: OPEN_RUNS, columns: RUN, parse: (row) => toRun(row) });
  return {
    touch(commit) {
      tasks.touch((commit.tasks ?? []).map(({ next }) => next.id));
      runs.touch((commit.runs ?? []).map(({ next }) => next.id));
    },
    task: tasks.one,
    tasks: tasks.some,
    openTasks: tasks.open,
    endedTasks: ({ state, since, limit }) =>
      tasks.chosen('SELECT id, version FROM tasks WHERE state = ? AND ended_at >= ? ORDER BY ended_at DESC, seq DESC LIMIT ?', [
        state,
        since,
        limit,
      ]),
    countEnded: (since) => prepare(COUNT_ENDED).all(since).map(endedTasks),
    countTasks: () => {
      const rows = prepare('SELECT state, n FROM task_counts WHERE n > 0').all();
      return { ...NO_TASKS, ...Object.fromEntries(rows.map((row) => [row.state, Number(row.n)])) };
    },
    run: runs.one,
    openRuns: runs.open,
    runsOf: (id) =>
      prepare(`SELECT ${RUN} FROM runs WHERE task = ? ORDER BY created_at, seq`)
        .all(id)
        .map((row) => toRun(row)),
    endings: (since, take, until) => {
      const from = `SELECT id, task, ${ENDING} AS doc FROM runs WHERE state IN ('ended', 'settled') AND ${ENDED_AT} >= ?`;
      const query = prepare(until === undefined ? from : `${from} AND ${ENDED_AT} < ?`);
      // Thousands of rows: no object is made for each.
      query.setReturnArrays(true);
      for (const row of query.iterate(...(until === undefined ? [since] : [since, until])) as Iterable<unknown>) {
        const [id, task, doc] = row as readonly unknown[];
        const ending = endingIn(parse({ doc }), String(task) as TaskId, String(id) as RunId) ?? whole(String(id));
        if (ending !== null && ending.endedAt >= since) take(ending);
      }
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
    fact: (name) => {
      const row = prepare('SELECT doc FROM facts WHERE name = ?').get(name);
      return factOf(name, row === undefined ? null : parse(row), onMisfit);
    },
    misfits: () => {
      const found: Misfit[] = [];
      const tell = (misfit: Misfit): void => void found.push(misfit);
      for (const row of prepare('SELECT name, doc FROM facts ORDER BY name').iterate()) factOf(String(row.name), parse(row), tell);
      for (const row of prepare(`SELECT ${TASK} FROM tasks ORDER BY seq`).iterate()) toTask(row, tell);
      for (const row of prepare(`SELECT ${RUN} FROM runs ORDER BY seq`).iterate()) toRun(row, tell);
      return found;
    },
    requests: () =>
      prepare('SELECT id, at, verb, task, args AS doc FROM requests WHERE answered_at IS NULL ORDER BY id').all().map(request),
    answer: (id) => {
      const row = prepare('SELECT ok, message FROM requests WHERE id = ? AND answered_at IS NOT NULL').get(id);
      return row === undefined ? null : { ok: row.ok === 1, message: String(row.message) };
    },
  };

  /** What the whole document says, filled in where an earlier version did not write it. */
  function whole(id: string): Ending | null {
    const row = prepare(`SELECT ${RUN} FROM runs WHERE id = ?`).get(id);
    return row === undefined ? null : endingOf(toRun(row));
  }

  function request(row: Row): Request {
    return { id: Number(row.id), at: Number(row.at), verb: String(row.verb), task: taskId(row.task), args: argsOf(parse(row)) };
  }
}

const taskId = (value: unknown): HistoryEntry['task'] => (typeof value === 'string' && isTaskId(value) ? value : null);

const argsOf = (value: unknown): Request['args'] => (isObject(value) ? value : {});

const historyEntry = (row: Row): HistoryEntry => ({
  at: Number(row.at),
  task: taskId(row.task),
  run: typeof row.run === 'string' ? (row.run as RunId) : null,
  event: String(row.event),
  detail: String(row.detail),
});
