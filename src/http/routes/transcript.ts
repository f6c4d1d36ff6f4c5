import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { iso } from '../../api/iso.ts';
import { QUERIES } from '../../api/queries.ts';
import type { Step, TranscriptPage } from '../../api/transcript.ts';
import type { TaskId } from '../../core/model/task.ts';
import { type Attempt, attemptsOf } from '../../transcript/read/attempts.ts';
import { offsetSince } from '../../transcript/read/seek.ts';
import { eventsAt, type LogPage, pageBackward, pageForward } from '../../transcript/read/steps.ts';
import { queryOf, Refused, taskIn } from './answer.ts';
import type { Desk } from './desk.ts';
import { SHORT, stepJson, WHOLE } from './step-json.ts';

/** A reading that takes longer is given up: somebody else may want to read. */
const PATIENCE = 20_000;

export function addTranscriptRoutes(app: Hono<{ Bindings: HttpBindings }>, desk: Desk): void {
  app.get('/tasks/:task/transcript', async (c) => {
    const task = taskIn(c);
    const query = queryOf(c, QUERIES.transcript);
    const { attempt, all } = await attemptOf(desk, task, query.run);
    const options = { limit: query.limit, errors: query.errors !== undefined, signal: AbortSignal.timeout(PATIENCE) };
    const page = await pageOf(attempt, query, options);
    return c.json({
      at: iso(desk.now()),
      task,
      run: attempt.run,
      runs: all.map(({ run, startedAt }) => ({ run, started_at: iso(startedAt) })),
      steps: page.events.map((one) => stepJson(one, SHORT)),
      before: page.before,
      after: page.after,
      size: page.size,
      written_at: iso(page.writtenAt),
    } satisfies TranscriptPage);
  });
  app.get('/tasks/:task/transcript/step', async (c) => {
    const task = taskIn(c);
    const { run, offset, part } = queryOf(c, QUERIES.step);
    const { attempt } = await attemptOf(desk, task, run);
    const found = (await eventsAt(attempt.path, offset, AbortSignal.timeout(PATIENCE))).find((one) => one.part === part);
    if (found === undefined) throw new Refused('not_found', `no step begins at byte ${offset} of this log`);
    return c.json(stepJson(found, WHOLE) satisfies Step);
  });
}

interface Where {
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly time?: string | undefined;
}

async function pageOf({ path }: Attempt, { after, before, time }: Where, options: Parameters<typeof pageBackward>[2]): Promise<LogPage> {
  if ([after, before, time].filter((one) => one !== undefined).length > 1)
    throw new Refused('bad_request', 'give only one of after, before and time');
  if (time !== undefined) {
    const since = Date.parse(time);
    return pageForward(path, await offsetSince(path, since), { ...options, since });
  }
  return after !== undefined ? pageForward(path, after, options) : pageBackward(path, before ?? null, options);
}

/** The attempt that is asked for, by its id alone: no name of a file comes from outside. */
export async function attemptOf(
  { logs }: Desk,
  task: TaskId,
  run: string | undefined,
): Promise<{ readonly attempt: Attempt; readonly all: readonly Attempt[] }> {
  const all = await attemptsOf(logs, task);
  const attempt = run === undefined ? all.at(-1) : all.find((one) => one.run === run);
  if (attempt === undefined) throw new Refused('not_found', `${task} has no log of ${run ?? 'a run'}`);
  return { attempt, all };
}
