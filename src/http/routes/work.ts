import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { QUERIES } from '../../api/queries.ts';
import { queryOf, Refused, taskIn } from './answer.ts';
import type { Desk } from './desk.ts';
import { unknownTask } from './fleet.ts';

export function addWorkRoutes(app: Hono<{ Bindings: HttpBindings }>, desk: Desk): void {
  app.get('/tasks/:task/diff', async (c) => {
    const task = taskIn(c);
    const { file } = queryOf(c, QUERIES.diff);
    const diff = await desk.diff(task, file ?? null);
    if (diff === null) throw new Refused('not_found', `there is no work of ${task}: no worktree, no branch, no snapshot`);
    return c.json(diff);
  });
  app.get('/tasks/:task/why', async (c) => {
    const task = taskIn(c);
    const why = await desk.why(task);
    if (why === null) throw unknownTask(task);
    return c.json(why);
  });
  app.get('/tasks/:task/saved', async (c) => c.json(await desk.saved(taskIn(c))));
}
