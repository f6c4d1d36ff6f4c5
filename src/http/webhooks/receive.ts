import type { Context } from 'hono';
import type { Ms } from '../../core/model/seen.ts';
import { isSameSecret } from '../../files/same-secret.ts';
import { createBucket, createSpace } from '../guard/bounds.ts';
import type { Deliveries } from './deliveries.ts';
import { MOST_BYTES, signatureOf } from './signature.ts';

export const WEBHOOKS = '/webhooks/github';

export interface WebhookOptions {
  readonly secret: string;
  readonly deliveries: Deliveries;
  readonly now: () => Ms;
  /** Look at GitHub at once. */
  readonly hurry: () => void;
  /** Calls back later, and answers a cancel; left out: by the machine's timers. */
  readonly after?: (ms: Ms, call: () => void) => () => void;
  /** Told of what could not be kept. */
  readonly onError: (error: unknown) => void;
}

export interface Webhooks {
  receive(context: Context): Promise<Response>;
  close(): void;
}

/** Bodies that are read at a time, and that wait for it: who knows no secret can fill no more than this. */
const AT_ONCE = 8;
const WAITING = 56;
/** Looks that begin at once, and then one in two seconds: what comes meanwhile is seen by the next one. */
const LOOKS = 10;
const LOOKS_PER_SECOND = 0.5;
const NEXT_LOOK = 2_000;

/**
 * Takes GitHub's word that something happened, and asks GitHub what. Nothing in a delivery counts but that it is signed: neither its text nor its
 * headers say what is done, so that a forged header of a true delivery does no more than an early look.
 */
export function createWebhooks({ secret, deliveries, now, hurry, after = byTimer, onError }: WebhookOptions): Webhooks {
  const space = createSpace(AT_ONCE, WAITING);
  const looks = createBucket(LOOKS, LOOKS_PER_SECOND);
  let cancel: (() => void) | null = null;

  function look(): void {
    if (looks.take(now())) return hurry();
    cancel ??= after(NEXT_LOOK, () => {
      cancel = null;
      hurry();
    });
  }

  async function take(c: Context): Promise<Response> {
    const sent = c.req.header('x-hub-signature-256') ?? '';
    const id = c.req.header('x-github-delivery') ?? '';
    const event = c.req.header('x-github-event') ?? '';
    if (!/^sha256=[0-9a-f]{64}$/.test(sent)) return c.text('the header X-Hub-Signature-256 is missing or no signature\n', 401);
    if (!/^[\w-]{1,100}$/.test(id) || !/^[a-z_]{1,60}$/.test(event)) return c.text('X-GitHub-Delivery or X-GitHub-Event is missing\n', 400);
    if (Number(c.req.header('content-length') ?? 0) > MOST_BYTES) return c.text('larger than anything that GitHub sends\n', 413);
    const expected = await signatureOf(secret, c.req.raw.body ?? none());
    if (expected === null) return c.text('larger than anything that GitHub sends\n', 413);
    if (!isSameSecret(sent, expected)) return c.text('the signature is not that of this text with the secret that tac8 knows\n', 401);
    const taken = deliveries.take({ id, event, signature: sent, at: now() });
    if (taken === 'replayed') return c.text('this text was here before under another number: it is not taken again\n', 409);
    if (taken === 'new' && event !== 'ping') look();
    return c.text(taken === 'known' ? 'it was here before\n' : 'taken\n', 202);
  }

  return {
    async receive(c) {
      const turn = await space.enter();
      if (turn === null) return c.text('too many at once\n', 503);
      try {
        return await take(c);
      } catch (error) {
        onError(error);
        return c.text('tac8 could not keep it: see logs/tac8.log\n', 503);
      } finally {
        turn();
      }
    },
    close() {
      cancel?.();
    },
  };
}

/** It holds no process that wants to end. */
function byTimer(ms: Ms, call: () => void): () => void {
  const timer = setTimeout(call, ms).unref();
  return () => clearTimeout(timer);
}

/** A request without a body. */
async function* none(): AsyncIterable<Uint8Array> {
  yield new Uint8Array(0);
}
