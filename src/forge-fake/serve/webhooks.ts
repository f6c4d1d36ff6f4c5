import { createHmac, randomUUID } from 'node:crypto';
import { webhookBody } from '../shape/webhook-body.ts';
import type { Fake } from '../state/fake.ts';
import type { Hooks, HookTarget, Sent } from '../state/hooks.ts';

/** GitHub waits no longer for an answer. */
const PATIENCE = 10_000;

/** Sends webhooks as GitHub does: signed, not repeated by itself, in no order. */
export function createHooks(fake: () => Fake): Hooks {
  const all: Sent[] = [];
  const underWay = new Set<Promise<void>>();
  let target: HookTarget | null = null;
  let count = 0;

  async function post({ url, secret, delayMs = 0 }: HookTarget, sent: Sent, body: string): Promise<void> {
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'GitHub-Hookshot/fake',
          'x-github-event': sent.event,
          'x-github-delivery': sent.id,
          'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
        },
        body,
        signal: AbortSignal.timeout(PATIENCE),
      });
      await response.arrayBuffer();
      sent.status = response.status;
    } catch {
      sent.status = null;
    }
  }

  const every = (nth: number | undefined): boolean => nth !== undefined && count % nth === 0;

  return {
    send(event, action, number, of = {}) {
      if (target === null) return;
      const to = target;
      count += 1;
      const nth = count;
      const sent: Sent = { id: randomUUID(), event, action, number, at: Date.now(), status: null, lost: every(to.lose) };
      all.push(sent);
      if (sent.lost) return;
      const isDoubled = every(to.double);
      const work = new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
        // Two events are never one text on GitHub, whose times and numbers differ.
        const body = JSON.stringify({ ...(await webhookBody(fake(), { event, action, number, of })), fake: { event, nth } });
        await post(to, sent, body);
        if (isDoubled) await post(to, sent, body);
      });
      const tracked = work.finally(() => underWay.delete(tracked));
      underWay.add(tracked);
    },
    aim(to) {
      target = to;
    },
    sent: () => all,
    settled: async () => void (await Promise.allSettled([...underWay])),
  };
}
