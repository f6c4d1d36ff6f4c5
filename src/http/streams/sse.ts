import type { ServerResponse } from 'node:http';
import { headersFor } from '../guard/headers.ts';
import type { Asked } from '../routes/answer.ts';

const STREAM = { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' };
/** Comes where nothing else does, so that both ends see that the other one is there. */
export const HEARTBEAT = 10_000;
export const BEAT = Buffer.from(': still here\n\n');
/** The same as an event, without an id: a page sees no comments, and is to know within three seconds that nobody is there any more. */
export const PULSE_EVERY = 1_000;
export const PULSE = Buffer.from('event: beat\ndata: {}\n\n');

/** Begins to send events. A browser that is cut off comes back after a second. */
export function openStream(c: Asked): ServerResponse {
  const { outgoing } = c.env;
  outgoing.writeHead(200, { ...Object.fromEntries(headersFor(c.req.path)), ...STREAM });
  outgoing.write('retry: 1000\n\n');
  return outgoing;
}

export const eventBytes = (id: string, event: string, data: unknown): Buffer =>
  Buffer.from(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
