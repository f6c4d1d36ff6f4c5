import { join } from 'node:path';
import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { iso } from '../../api/iso.ts';
import { QUERIES } from '../../api/queries.ts';
import type { State } from '../../api/state.ts';
import type { TaskDetail, TaskPage, TaskRuns } from '../../api/task.ts';
import type { Run } from '../../core/model/run.ts';
import type { Task } from '../../core/model/task.ts';
import { stateOf } from '../../read/state.ts';
import { readStatus } from '../../read/status.ts';
import { readRuns, readTask, readTaskPage } from '../../read/tasks.ts';
import { statLog } from '../../transcript/read/read-now.ts';
import { queryOf, Refused, taskIn } from './answer.ts';
import type { Desk } from './desk.ts';

/** `newest`: a run with what its log says by now. */
export function readState({ store, now, holder, root, version }: Desk, newest: (run: Run) => Run = (run) => run): State {
  const report = readStatus(store, now(), holder);
  const tasks = report.tasks.map((one) => (one.run === null ? one : { ...one, run: newest(one.run) }));
  return stateOf({ ...report, tasks }, root, version);
}

export function addFleetRoutes(app: Hono<{ Bindings: HttpBindings }>, desk: Desk, newest: (run: Run) => Run): void {
  const { store, now } = desk;
  app.get('/state', (c) => {
    queryOf(c, QUERIES.none);
    return c.json(readState(desk, newest));
  });
  app.get('/tasks', (c) => {
    const { state, label, text, limit, after } = queryOf(c, QUERIES.tasks);
    const states = state === undefined ? null : (state.split(',') as Task['state'][]);
    const filter = { states, label: label ?? null, text: text ?? null, limit, after: Number(after ?? 0) };
    return c.json(readTaskPage(store, now(), filter) satisfies TaskPage);
  });
  app.get('/tasks/:task', (c) => {
    const task = readTask(store, taskIn(c), now());
    if (task === null) throw unknownTask(taskIn(c));
    return c.json(task satisfies TaskDetail);
  });
  app.get('/tasks/:task/runs', (c) => {
    const task = taskIn(c);
    if (store.task(task) === null) throw unknownTask(task);
    const runs = readRuns(store, task, (run) => bytesOf(desk, run));
    return c.json({ at: iso(now()), task, runs } satisfies TaskRuns);
  });
}

export const unknownTask = (task: string): Refused => new Refused('not_found', `there is no task ${task}`);

function bytesOf({ logs }: Desk, { id, task }: Run): number | null {
  try {
    return statLog(join(logs, `${task}.${id}.jsonl`)).size;
  } catch {
    return null;
  }
}
