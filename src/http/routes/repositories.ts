import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { repositoryBody } from '../../api/desk/repositories.ts';
import { QUERIES } from '../../api/queries.ts';
import { checked, queryOf, Refused } from './answer.ts';
import type { Desk } from './desk.ts';
import { bodyOf } from './verbs.ts';

/** What else is served on this machine, and the way there. */
export function addRepositoryRoutes(app: Hono<{ Bindings: HttpBindings }>, { repositories }: Desk): void {
  app.get('/repositories', async (c) => {
    queryOf(c, QUERIES.none);
    return c.json(await repositories.all());
  });
  app.post('/repositories/link', async (c) => {
    const { root } = checked(repositoryBody, await bodyOf(c));
    const url = await repositories.linkInto(root);
    if (url === null) throw new Refused('not_found', `no daemon serves the page of ${root} here`);
    return c.json({ url });
  });
}
