import type { TaskId } from '../../../core/model/task.ts';
import { readOrder, SPOKEN_FACT, type Spoken, type SpokenOrder, spokenAfter } from '../../../core/review/spoken-orders.ts';
import { harmless } from '../../../core/words/harmless.ts';
import { messageOf } from '../../../core/words/message-of.ts';
import type { Hearing } from '../../act/heard.ts';
import type { Clock } from '../../ports/machine/clock.ts';
import type { Forge } from '../../ports/outside/forge.ts';
import type { IssueTexts } from '../../ports/outside/issue-texts.ts';
import type { Log } from '../../ports/records/log.ts';
import type { Store } from '../../ports/records/store.ts';

/** Orders that people give by comments: each becomes a request once, is acknowledged, and is answered with what came of it. */
export interface OrderWatch {
  hear(signal: AbortSignal): Promise<void>;
}

export interface OrderWatchOptions {
  readonly forge: Pick<Forge, 'orders' | 'acknowledge' | 'comment'>;
  readonly store: Pick<Store, 'tasks' | 'answer' | 'fact' | 'commit'>;
  /** Asks for it as a person's word, and answers the request's number. See act/heard.ts. */
  readonly hear: Hearing['hear'];
  readonly texts: IssueTexts;
  readonly clock: Clock;
  readonly log: Log;
  readonly wanted: () => boolean;
}

const markOf = (comment: number): string => `<!-- tac8:order comment=${comment} -->`;

export function watchOrders({ forge, store, hear, texts, clock, log, wanted }: OrderWatchOptions): OrderWatch {
  // What was said before the first look was said to nobody.
  const read = (): Spoken => store.fact(SPOKEN_FACT) ?? { since: clock.now(), seen: [], owed: [] };
  const keep = (spoken: Spoken): void => store.commit({ facts: { [SPOKEN_FACT]: spoken } });

  async function reply(issue: number, comment: number, words: string, signal: AbortSignal): Promise<void> {
    await forge.comment(issue, markOf(comment), `${harmless(words)}\n\n${markOf(comment)}`, signal);
  }

  /** Noted first, then asked: a daemon that is killed in between loses the order, which nobody saw acknowledged, and never doubles it. */
  async function take(order: SpokenOrder, signal: AbortSignal): Promise<void> {
    const task: TaskId = `gh-${order.issue}`;
    const { text } = await texts.shown(order.body);
    const before = read();
    keep(spokenAfter(before, [order], before.owed));
    if (store.tasks([task]).length === 0) return;
    const asked = readOrder(text, order.author);
    if (asked.kind === 'unclear') return reply(order.issue, order.id, `Not understood: ${asked.why}.`, signal);
    log.info(`${order.author} orders by a comment: ${asked.verb}`, { task });
    const request = hear({ verb: asked.verb, task, args: asked.args }, `${order.author} on GitHub`);
    const now = read();
    keep({ ...now, owed: [...now.owed, { comment: order.id, issue: order.issue, request }] });
    await forge.acknowledge(order.id, signal);
  }

  async function answer(signal: AbortSignal): Promise<void> {
    for (const { comment, issue, request } of read().owed) {
      const said = store.answer(request);
      if (said === null || signal.aborted) continue;
      await reply(issue, comment, `${said.ok ? '' : 'Not done: '}${said.message}.`, signal);
      const now = read();
      keep({ ...now, owed: now.owed.filter((one) => one.comment !== comment) });
    }
  }

  return {
    async hear(signal) {
      if (!wanted()) return;
      try {
        const { since, seen } = read();
        if (store.fact(SPOKEN_FACT) === null) keep({ since, seen: [], owed: [] });
        await answer(signal);
        const fresh = (await forge.orders(since, signal)).filter(({ id, at }) => !seen.includes(id) && at >= since - 1_000);
        for (const order of fresh) await take(order, signal);
      } catch (error) {
        if (!signal.aborted) log.warn(`orders by comments: ${messageOf(error)}`);
      }
    },
  };
}
