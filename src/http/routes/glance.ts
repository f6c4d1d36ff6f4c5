import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { iso } from '../../api/iso.ts';
import { QUERIES } from '../../api/queries.ts';
import type { OutlineJson } from '../../api/transcript.ts';
import type { Outlines } from '../../transcript/outline/outlines.ts';
import { pictureIn } from '../../transcript/pictures/pictures.ts';
import { readBytes } from '../../transcript/read/read.ts';
import { queryOf, Refused, taskIn } from './answer.ts';
import type { Desk } from './desk.ts';
import { attemptOf } from './transcript.ts';

/** So much is looked at for one answer; who wants more asks again. */
const LOOKED_AT = 64 * 1024 * 1024;
const MOST_MARKS = 2_000;
const PATIENCE = 20_000;

export function addOutlineRoutes(app: Hono<{ Bindings: HttpBindings }>, desk: Desk, outlines: Outlines): void {
  app.get('/tasks/:task/transcript/outline', async (c) => {
    const task = taskIn(c);
    const { run, from } = queryOf(c, QUERIES.outline);
    const { attempt } = await attemptOf(desk, task, run);
    // Who has left the task wants nothing more.
    const signal = AbortSignal.any([AbortSignal.timeout(PATIENCE), c.req.raw.signal]);
    const known = await outlines.look(attempt.path, LOOKED_AT, signal);
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

/** A line that is longer is not taken apart for a picture. */
const MOST_LINE = 12 * 1024 * 1024;

/** Pictures in results: bytes of a stranger, served as what they are and as nothing that could run. */
export function addPictureRoutes(app: Hono<{ Bindings: HttpBindings }>, desk: Desk): void {
  app.get('/tasks/:task/transcript/picture', async (c) => {
    const task = taskIn(c);
    const { run, offset, index } = queryOf(c, QUERIES.picture);
    const { attempt } = await attemptOf(desk, task, run);
    const line = await lineAt(attempt.path, offset, AbortSignal.timeout(PATIENCE));
    const picture = line === null ? 'too large' : pictureIn(line, index);
    if (picture === 'too large') throw new Refused('too_large', 'the picture is too large to be shown');
    if (picture === 'no picture') throw new Refused('not_found', 'there is no picture');
    // What was written stays as it is: a log only grows.
    c.header('cache-control', 'private, max-age=3600');
    return c.body(new Uint8Array(picture.bytes), 200, { 'content-type': picture.type });
  });
}

/** The line that begins there, not shortened; null: it is too long. Throws LogError. */
async function lineAt(path: string, offset: number, signal: AbortSignal): Promise<string | null> {
  const parts: Buffer[] = [];
  const enough = new AbortController();
  let [held, isWhole] = [0, false];
  const take = (bytes: Buffer): void => {
    if (enough.signal.aborted) return;
    const end = bytes.indexOf(0x0a);
    parts.push(Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)));
    held += bytes.length;
    isWhole = end >= 0;
    if (isWhole || held > MOST_LINE) enough.abort();
  };
  await readBytes(path, offset, take, { signal: AbortSignal.any([signal, enough.signal]) }).catch((error: unknown) => {
    if (!enough.signal.aborted || signal.aborted) throw error;
  });
  return isWhole ? Buffer.concat(parts).toString('utf8') : null;
}
