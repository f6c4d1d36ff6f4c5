import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { type Board, type BoardDraft, boardBody, boardEdit } from '../../api/desk/board.ts';
import { iso } from '../../api/iso.ts';
import { QUERIES } from '../../api/queries.ts';
import type { Done } from '../../api/verbs.ts';
import { checked, queryOf, Refused } from './answer.ts';
import type { Desk } from './desk.ts';
import { bodyOf } from './verbs.ts';

/** `tasks.md`, read and edited by the rules of the file. */
export function addBoardRoutes(app: Hono<{ Bindings: HttpBindings }>, { board, now }: Desk): void {
  app.get('/board', async (c) => {
    queryOf(c, QUERIES.none);
    return c.json((await board.read()) satisfies Board);
  });
  app.post('/board/draft', async (c) => c.json((await board.draft(checked(boardEdit, await bodyOf(c)))) satisfies BoardDraft));
  app.post('/board', async (c) => {
    const began = now();
    const { ok, message } = await board.save(checked(boardBody, await bodyOf(c)));
    if (!ok) throw new Refused('refused', message, 'Nothing was written: look at the file as it is now, and edit again.');
    return c.json({ ok, message, request: 0, ms: Math.max(0, now() - began), at: iso(now()) } satisfies Done);
  });
}
