import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import type { History, Stats, Timeline } from '../../api/history.ts';
import { iso } from '../../api/iso.ts';
import { QUERIES } from '../../api/queries.ts';
import { type KeptDays, readStats } from '../../read/history/stats.ts';
import { readTimeline } from '../../read/history/timeline.ts';
import { entryOf } from '../../read/tasks.ts';
import { queryOf } from './answer.ts';
import type { Desk } from './desk.ts';

const HOUR = 60 * 60_000;

/** What was: runs as bars, what the days came to, what happened. */
export function addHistoryRoutes(app: Hono<{ Bindings: HttpBindings }>, { store, now }: Desk): void {
  const kept: KeptDays = new Map();
  app.get('/timeline', (c) => {
    const { hours } = queryOf(c, QUERIES.timeline);
    return c.json(readTimeline(store, now(), now() - hours * HOUR) satisfies Timeline);
  });
  app.get('/stats', async (c) => {
    const { days, ...of } = queryOf(c, QUERIES.stats);
    return c.json((await readStats(store, now(), days, kept, of)) satisfies Stats);
  });
  app.get('/history', (c) => {
    const { limit } = queryOf(c, QUERIES.history);
    return c.json({ at: iso(now()), entries: store.history({ limit }).map(entryOf) } satisfies History);
  });
}
