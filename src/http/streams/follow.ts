import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Hono } from 'hono';
import { iso } from '../../api/iso.ts';
import { QUERIES } from '../../api/queries.ts';
import type { NewSteps } from '../../api/transcript.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { type Attempt, attemptsAfter, attemptsOf } from '../../transcript/read/attempts.ts';
import { followFile } from '../../transcript/read/follow.ts';
import { statLog } from '../../transcript/read/read-now.ts';
import { pageForward } from '../../transcript/read/steps.ts';
import { envelope, queryOf, Refused, taskIn } from '../routes/answer.ts';
import type { Desk } from '../routes/desk.ts';
import { SHORT, stepJson } from '../routes/step-json.ts';
import { attemptOf } from '../routes/transcript.ts';
import { BEAT, eventBytes, HEARTBEAT, openStream } from './sse.ts';

/** Each is a transcript that somebody has open. */
export const MOST_FOLLOWED = 256;
const STEPS_AT_ONCE = 500;
/** Somebody who has so much unread is waited for. */
const MOST_UNREAD = 1_000_000;

/** `…/transcript/follow`: what is written from now on, or from `after` on, as it is written. */
export function addFollowRoute(app: Hono<{ Bindings: HttpBindings }>, desk: Desk, onError: (error: unknown) => void): void {
  let open = 0;
  app.get('/tasks/:task/transcript/follow', async (c) => {
    const task = taskIn(c);
    const { run, after } = queryOf(c, QUERIES.follow);
    const { attempt } = await attemptOf(desk, task, run);
    if (open >= MOST_FOLLOWED) throw new Refused('not_now', `${MOST_FOLLOWED} transcripts are followed`, 'Close some.');
    const last = Number(c.req.header('last-event-id') ?? Number.NaN);
    const from = Number.isSafeInteger(last) && last >= 0 ? last : (after ?? statLog(attempt.path).size);
    const stream = openStream(c);
    open += 1;
    const gone = new AbortController();
    stream.once('close', () => {
      open -= 1;
      gone.abort();
    });
    const isOver = async (): Promise<boolean> => attemptsAfter(attempt, await attemptsOf(desk.logs, task)).length > 0;
    void follow(stream, attempt, from, gone.signal, { isOver, now: desk.now }).catch((error: unknown) => {
      if (gone.signal.aborted) return;
      onError(error);
      stream.end(eventBytes('', 'failed', envelope('failed', messageOf(error))));
    });
    return RESPONSE_ALREADY_SENT;
  });
}

/** Sends what is there, then what is written; `over` once a later run has begun. */
async function follow(
  stream: ServerResponse,
  { path, run }: Attempt,
  from: number,
  signal: AbortSignal,
  { isOver, now }: { readonly isOver: () => Promise<boolean>; readonly now: Desk['now'] },
): Promise<void> {
  const beat = setInterval(() => stream.write(BEAT), HEARTBEAT);
  const read = async (offset: number): Promise<number> => {
    for (let at = offset; ; ) {
      const page = await pageForward(path, at, { limit: STEPS_AT_ONCE, errors: false, signal });
      if (page.after === at) return at;
      at = page.after;
      const steps = page.events.map((one) => stepJson(one, SHORT));
      stream.write(eventBytes(String(at), 'steps', { at: iso(now()), run, steps, after: at, size: page.size } satisfies NewSteps));
      if (stream.writableLength > MOST_UNREAD) await once(stream, 'drain', { signal });
    }
  };
  try {
    const at = await followFile(path, from, read, { signal, done: isOver });
    if (!signal.aborted) stream.end(eventBytes(String(at), 'over', { run }));
  } finally {
    clearInterval(beat);
  }
}
