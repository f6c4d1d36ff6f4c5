import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Plan } from '../../api/desk/plan.ts';
import type { Setup } from '../../api/desk/setup.ts';
import { iso } from '../../api/iso.ts';
import { QUERIES } from '../../api/queries.ts';
import { BODIES, type Done, type Previewed } from '../../api/verbs.ts';
import type { Previews } from '../preview/previews.ts';
import { type Asked, checked, queryOf, Refused, taskIn } from './answer.ts';
import type { Desk, Said } from './desk.ts';
import { unknownTask } from './fleet.ts';
import { bodyOf } from './verbs.ts';

export function addWorkRoutes(app: Hono<{ Bindings: HttpBindings }>, desk: Desk, previews: Previews): void {
  app.get('/tasks/:task/diff', async (c) => {
    const task = taskIn(c);
    const { file, patch } = queryOf(c, QUERIES.diff);
    const diff = await desk.diff(task, { file: file ?? null, isWhole: patch === undefined });
    if (diff === null) throw new Refused('not_found', `there is no work of ${task}: no worktree, no branch, no snapshot`);
    return c.json(diff);
  });
  app.get('/tasks/:task/why', async (c) => {
    const task = taskIn(c);
    const why = await desk.why(task);
    if (why === null) throw unknownTask(task);
    return c.json(why);
  });
  app.post('/tasks/:task/restore', async (c) => {
    const task = taskIn(c);
    const { ref } = checked(BODIES.restore, await bodyOf(c));
    return done(c, desk, () => desk.restore(task, ref ?? null));
  });
  app.post('/tasks/:task/approve', async (c) => {
    const task = taskIn(c);
    checked(BODIES.approve, await bodyOf(c));
    return done(c, desk, () => desk.approve(task, c.env.incoming.socket));
  });
  app.post('/tasks/:task/preview', async (c) => {
    const task = taskIn(c);
    const { port } = checked(BODIES.preview, await bodyOf(c));
    const began = desk.now();
    const opened = await previews.open(task, port);
    if (!opened.ok) throw new Refused('refused', opened.why);
    const message = `port ${port} of the worker of ${task}, for a browser on the daemon’s machine`;
    const took = { request: 0, ms: Math.max(0, desk.now() - began), at: iso(desk.now()) };
    return c.json({ ok: true, message, ...took, url: opened.url } satisfies Previewed);
  });
  app.get('/plan', async (c) => {
    queryOf(c, QUERIES.none);
    return c.json((await desk.plan()) satisfies Plan);
  });
  app.get('/setup', async (c) => {
    queryOf(c, QUERIES.none);
    return c.json((await desk.setup()) satisfies Setup);
  });
  app.get('/tasks/:task/saved', async (c) => c.json(await desk.saved(taskIn(c))));
}

/** What is done at once, without the loop. */
async function done(c: Asked, { now }: Desk, act: () => Promise<Said>): Promise<Response> {
  const began = now();
  const { ok, message, forbidden } = await act();
  if (!ok) throw new Refused(forbidden === true ? 'forbidden' : 'refused', message);
  return c.json({ ok, message, request: 0, ms: Math.max(0, now() - began), at: iso(now()) } satisfies Done);
}
