import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { iso } from '../../api/iso.ts';
import { QUERIES } from '../../api/queries.ts';
import type { OutlineJson } from '../../api/transcript.ts';
import { createOutlines } from '../../transcript/outline/outlines.ts';
import { queryOf, taskIn } from './answer.ts';
import type { Desk } from './desk.ts';
import { attemptOf } from './transcript.ts';

/** So many logs are kept in short. */
const MOST_LOGS = 16;
/** So much is looked at for one answer; who wants more asks again. */
const LOOKED_AT = 64 * 1024 * 1024;
const MOST_MARKS = 2_000;
const PATIENCE = 20_000;

export function addOutlineRoutes(app: Hono<{ Bindings: HttpBindings }>, desk: Desk): void {
  const outlines = createOutlines(MOST_LOGS);
  app.get('/tasks/:task/transcript/outline', async (c) => {
    const task = taskIn(c);
    const { run, from } = queryOf(c, QUERIES.outline);
    const { attempt } = await attemptOf(desk, task, run);
    const known = await outlines.look(attempt.path, LOOKED_AT, AbortSignal.timeout(PATIENCE));
    const marks = known.marks.slice(from, from + MOST_MARKS);
    return c.json({
      ...{ at: iso(desk.now()), task, run: attempt.run },
      marks: marks.map((mark) => ({ ...mark, at: iso(mark.at) })),
      ...{ next: from + marks.length, cut: known.isCut, costs: known.costs, lines: known.lines },
      milestones: known.milestones.map((one) => ({ ...one, at: iso(one.at) })),
      ...{ ended_at: iso(known.last), after: known.after, size: known.size },
    } satisfies OutlineJson);
  });
}
