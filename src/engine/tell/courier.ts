import type { Notice } from '../../core/model/alert.ts';
import type { Ms } from '../../core/model/seen.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { forAMoment } from '../act/for-a-moment.ts';
import type { Ports } from '../ports/context.ts';
import { PortError } from '../ports/error.ts';
import type { Notifier } from '../ports/outside/notifier.ts';
import type { Delivery, Outbox } from '../ports/records/facts.ts';

export interface Courier {
  /** Begins whatever is due; waits for nothing. */
  pump(): void;
  dueAt(): Ms;
  close(): Promise<void>;
}

const FIRST_DELAY: Ms = 5_000;
const LONGEST_DELAY: Ms = 10 * 60_000;
/** What nobody could be told within a day is no news any more. */
const GIVEN_UP_AFTER: Ms = 24 * 60 * 60_000;
const MOST = 500;

/** The outbox with these notices in it for everybody who wants them; null: nobody does, or there are none. */
export function post(outbox: Outbox, notices: readonly Notice[], notifier: Pick<Notifier, 'channelsFor'>): Outbox | null {
  const added = notices.flatMap((notice) =>
    notice.rule === 'test'
      ? []
      : notifier.channelsFor(notice.rule).map((channel): Delivery => ({ channel, notice, tries: 0, notBefore: 0, problem: null })),
  );
  return added.length === 0 ? null : [...outbox, ...added].slice(-MOST);
}

/** Takes notices to their channels, one after the other per channel, beside the loop. */
export function createCourier(
  { store, clock, log, notifier }: Pick<Ports, 'store' | 'clock' | 'log' | 'notifier'>,
  wake: () => void,
): Courier {
  const underWay = new Map<string, Promise<void>>();
  const closing = new AbortController();
  let nextBeat: Ms = 0;
  let beatFails = false;
  const outbox = (): Outbox => store.fact('outbox') ?? [];

  /** What is there by now is changed, not what was there when the try began. */
  function record(delivery: Delivery, after: Delivery | null): void {
    const isSame = (other: Delivery): boolean => other.channel === delivery.channel && other.notice.id === delivery.notice.id;
    const left = outbox().flatMap((other) => (!isSame(other) ? [other] : after === null ? [] : [after]));
    store.commit({ facts: { outbox: left } });
  }

  async function carry(delivery: Delivery): Promise<void> {
    try {
      const answer = await notifier.tell(delivery.channel, delivery.notice, closing.signal);
      log.info(`${delivery.channel} was told: ${delivery.notice.text}`, { id: delivery.notice.id, answer });
      record(delivery, null);
    } catch (error) {
      if (closing.signal.aborted) return;
      const now = clock.now();
      const problem = messageOf(error);
      const isOver = now - delivery.notice.at > GIVEN_UP_AFTER;
      log.warn(`${delivery.channel} did not take a notice${isOver ? ', and tac8 gives up' : ''}: ${problem}`, {
        id: delivery.notice.id,
      });
      const until = error instanceof PortError ? error.until : null;
      const delay = Math.min(FIRST_DELAY * 2 ** delivery.tries, LONGEST_DELAY);
      record(delivery, isOver ? null : { ...delivery, tries: delivery.tries + 1, notBefore: until ?? now + delay, problem });
    }
  }

  /** A channel that does not take the first one would not take those behind it either. */
  function firstOfEach(): readonly Delivery[] {
    const first = new Map<string, Delivery>();
    for (const delivery of outbox()) if (!first.has(delivery.channel)) first.set(delivery.channel, delivery);
    return [...first.values()].filter(({ channel }) => !underWay.has(channel));
  }

  function launch(name: string, work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => log.error(`notices: ${String(error)}`))
      .finally(() => {
        underWay.delete(name);
        wake();
      });
    underWay.set(name, done);
  }

  /** That it comes no more is what tells somebody else that this daemon is gone. */
  async function beat(send: (signal: AbortSignal) => Promise<void>): Promise<void> {
    try {
      await send(closing.signal);
      if (beatFails) log.info('the sign of life is heard again');
      beatFails = false;
    } catch (error) {
      if (!beatFails && !closing.signal.aborted) log.warn(`the sign of life (alerts.ping_url) is not heard: ${String(error)}`);
      beatFails = true;
    }
  }

  return {
    pump() {
      if (closing.signal.aborted) return;
      const now = clock.now();
      for (const delivery of firstOfEach()) if (delivery.notBefore <= now) launch(delivery.channel, carry(delivery));
      const heart = notifier.beat();
      if (heart !== null && now >= nextBeat && !underWay.has('')) {
        nextBeat = now + heart.every;
        launch('', beat(heart.send));
      }
    },
    dueAt: () =>
      Math.min(notifier.beat() === null ? Number.POSITIVE_INFINITY : nextBeat, ...firstOfEach().map(({ notBefore }) => notBefore)),
    async close() {
      // What the last ticks had to tell is told now: the next start may be tomorrow. But nobody waits for a channel that does not answer.
      const told = (async () => {
        for (const due of untilEmpty()) await Promise.all(due);
      })();
      await forAMoment(clock, new Set([told]));
      closing.abort();
      await Promise.allSettled([...underWay.values(), told]);
    },
  };

  /** Whatever is under way or due, again and again. */
  function* untilEmpty(): Generator<readonly Promise<void>[]> {
    for (;;) {
      const now = clock.now();
      if (!closing.signal.aborted)
        for (const delivery of firstOfEach()) if (delivery.notBefore <= now) launch(delivery.channel, carry(delivery));
      if (underWay.size === 0) return;
      yield [...underWay.values()];
    }
  }
}
