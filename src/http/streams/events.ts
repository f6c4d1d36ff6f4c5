import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Hono } from 'hono';
import { Refused } from '../routes/answer.ts';
import type { Desk } from '../routes/desk.ts';
import { readState } from '../routes/fleet.ts';
import type { Ear } from './ear.ts';
import { createHub, type Hub } from './hub.ts';
import { openStream, PULSE, PULSE_EVERY } from './sse.ts';

/** Each is a page that somebody has open. */
export const MOST_STREAMS = 256;
/** How often it is looked whether the store has changed, while anybody listens; less often where a look takes much of the processor. */
const LOOK_EVERY = 50;
/** What agents say is told together: each word of a hundred agents by itself would have every page drawn anew for it. */
const HEAR_EVERY = 200;
const SHARE_OF_TIME = 10;
/** Warnings tell ages: they change by themselves. */
const LOOK_ANYWAY = 15_000;
/** Somebody who has so much unread does not read. */
const MOST_UNREAD = 8_000_000;

export function addEventRoutes(app: Hono<{ Bindings: HttpBindings }>, desk: Desk, ear: Ear, onError: (error: unknown) => void): void {
  const streams = createStreams(desk, ear, onError);
  app.get('/events', (c) => {
    if (!streams.hasRoom()) throw new Refused('not_now', `${MOST_STREAMS} pages are open`, 'Close some, or ask GET /api/v1/state instead.');
    streams.add(openStream(c), c.req.header('last-event-id') ?? null);
    return RESPONSE_ALREADY_SENT;
  });
}

function createStreams(desk: Desk, ear: Ear, onError: (error: unknown) => void) {
  const open = new Set<ServerResponse>();
  let hub: Hub | null = null;
  let timer: NodeJS.Timeout | null = null;
  let [seen, lookedAt, beatAt, heardAt] = [-1, 0, 0, Number.NEGATIVE_INFINITY];
  let isLooking = false;
  const name = randomBytes(6).toString('base64url');
  const drop = (stream: ServerResponse): void => {
    open.delete(stream);
    if (open.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
    ear.end();
  };
  const send = (bytes: Buffer): void => {
    for (const stream of open) {
      if (stream.writableLength > MOST_UNREAD) stream.destroy();
      else stream.write(bytes);
    }
  };
  const look = async (): Promise<void> => {
    const now = desk.now();
    const isHeard = ear.hasNews() && performance.now() - heardAt >= HEAR_EVERY;
    if (isHeard) {
      heardAt = performance.now();
      await ear.hear();
    }
    const changes = desk.store.changes();
    if (isHeard || changes !== seen || now - lookedAt > LOOK_ANYWAY) {
      [seen, lookedAt] = [changes, now];
      const event = hub?.look() ?? null;
      if (event !== null) {
        beatAt = now;
        send(event.bytes);
      }
    }
    if (now - beatAt < PULSE_EVERY) return;
    beatAt = now;
    send(PULSE);
  };
  let restUntil = 0;
  const lookSafely = async (): Promise<void> => {
    if (isLooking || performance.now() < restUntil) return;
    isLooking = true;
    const before = process.cpuUsage();
    try {
      await look();
    } catch (error) {
      onError(error);
    }
    isLooking = false;
    // Not by the clock: on a busy machine most of a look is waiting for a turn.
    const { user, system } = process.cpuUsage(before);
    restUntil = performance.now() + (SHARE_OF_TIME * (user + system)) / 1000;
  };
  return {
    hasRoom: () => open.size < MOST_STREAMS,
    add: (stream: ServerResponse, last: string | null) => {
      if (hub === null) hub = createHub(() => readState(desk, ear.newest), name);
      else if (timer === null) hub.look();
      for (const { bytes } of hub.since(last)) stream.write(bytes);
      open.add(stream);
      stream.once('close', () => drop(stream));
      if (timer === null) {
        beatAt = desk.now();
        ear.begin();
      }
      timer ??= setInterval(() => void lookSafely(), LOOK_EVERY).unref();
    },
  };
}
