import { priced } from '../../agents/priced.ts';
import type { AgentEvent, EventOf } from '../../agents/words/events.ts';
import { object } from '../../agents/words/fields.ts';
import type { Prices } from '../../core/agent/spend.ts';
import { addSpend, takeSpend, tokensOf } from '../../core/limits/spend.ts';
import { NO_SPEND, type Reply, type Spend, type StreamFacts } from '../../core/model/run.ts';

/*
 * What a turn has come to while it goes on. A run that is killed never says what it cost, so that it is counted from each reply as it comes:
 * what went in is stated when a reply begins; what came out is stated when it has ended, and until then told from its length.
 */

/** So many conversations at once: the main one and its sub-agents. */
const CONVERSATIONS = 20;

type MessageEvent = EventOf<'text'> | EventOf<'thinking'> | EventOf<'tool_start'>;

/** Turns and what they cost, after an event: a part of a run's facts, and all that a transcript ends with. */
export function tallied(facts: StreamFacts, event: AgentEvent): StreamFacts {
  switch (event.kind) {
    case 'session':
      return { ...facts, model: event.model ?? facts.model };
    case 'text':
    case 'thinking':
    case 'tool_start':
      return countTurn(countBlock(facts, event), event);
    case 'counted':
      return countStated(facts, event);
    case 'usage':
      return spendMore(facts, priced(event.usage, facts.model, facts.prices));
    case 'turn_end':
      return { ...facts, spend: settle(facts, event), unsettled: { message: facts.unsettled?.message ?? null, spend: NO_SPEND } };
    case 'tac8':
      return event.event === 'run_started' ? withPrices(facts, event.fields.prices) : facts;
    default:
      return facts;
  }
}

/** So many models have a price at most. */
const PRICES = 100;

/**
 * The line before the agent's first word, which tac8 wrote: what stands in a later one is a worker's, and would make its run cheap. What is no price
 * counts as none.
 */
function withPrices(facts: StreamFacts, stated: unknown): StreamFacts {
  if (facts.prices !== undefined || facts.firstEventAt !== null) return facts;
  const each = Object.entries(object(stated) ?? {}).slice(0, PRICES);
  const prices = each.flatMap(([model, price]) => {
    const { input, output, cached } = object(price) ?? {};
    return isPrice(input) && isPrice(output) && isPrice(cached) ? [[model, { input, output, cached }] as const] : [];
  });
  return { ...facts, prices: Object.fromEntries(prices) };
}

const isPrice = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** Turns are messages of the main conversation. */
function countTurn(facts: StreamFacts, event: MessageEvent): StreamFacts {
  if (event.parent !== null || event.message === null || facts.unsettled?.message === event.message) return facts;
  return {
    ...facts,
    inTurn: true,
    // The reply to the last ones' results.
    tools: [],
    turns: facts.turns + 1,
    unsettled: { ...(facts.unsettled ?? { spend: NO_SPEND }), message: event.message },
  };
}

/** A piece of a reply. */
function countBlock(facts: StreamFacts, event: MessageEvent): StreamFacts {
  const { message, model, usage: stated } = event;
  // Without a number of its own: it is stated apart.
  if (message === null || stated === null) return facts;
  return countReply(facts, event.parent, message, (before) => ({
    message,
    model: before?.model ?? model ?? facts.model,
    stated: before === undefined ? stated : larger(before.stated, stated),
    said: (before?.said ?? 0) + lengthOf(event),
    whole: before?.whole ?? false,
  }));
}

/** The provider states what a reply has come to. */
function countStated(facts: StreamFacts, event: EventOf<'counted'>): StreamFacts {
  const message = event.message ?? facts.unsettled?.replies?.[event.parent ?? '']?.message;
  if (message === undefined) return facts;
  return countReply(facts, event.parent, message, (before) => ({
    message,
    model: before?.model ?? event.model ?? facts.model,
    stated: before === undefined ? event.usage : larger(before.stated, event.usage),
    said: before?.said ?? 0,
    whole: event.whole || (before?.whole ?? false),
  }));
}

/** Counted until the turn's end says it better. */
const spendMore = (facts: StreamFacts, more: Spend): StreamFacts => ({
  ...facts,
  spend: addSpend(facts.spend, more),
  unsettled: { message: null, ...facts.unsettled, spend: addSpend(facts.unsettled?.spend ?? NO_SPEND, more) },
});

/**
 * At a turn's end. `spent` is this turn's alone and is added. A `total` without it comes from versions that count from the process's start,
 * so it replaces what was summed; it is never added, since other versions count the whole conversation.
 */
function settle(facts: StreamFacts, { spent, total }: EventOf<'turn_end'>): Spend {
  const settled = takeSpend(facts.spend, facts.unsettled?.spend ?? NO_SPEND);
  if (spent !== null) return addSpend(settled, priced(spent, facts.model, facts.prices));
  return total === null ? facts.spend : priced(total, facts.model, facts.prices);
}

function countReply(facts: StreamFacts, parent: string | null, message: string, make: (before: Reply | undefined) => Reply): StreamFacts {
  const key = parent ?? '';
  const replies = facts.unsettled?.replies ?? {};
  const last = replies[key];
  const before = last?.message === message ? last : undefined;
  const reply = make(before);
  const counted = spendMore(facts, takeSpend(worth(reply, facts.prices), before === undefined ? NO_SPEND : worth(before, facts.prices)));
  const others = Object.entries(replies).filter(([other]) => other !== key);
  const kept = Object.fromEntries([...others, [key, reply]].slice(-CONVERSATIONS));
  return { ...counted, unsettled: { message: null, spend: NO_SPEND, ...counted.unsettled, replies: kept } };
}

function worth({ model, stated, said, whole }: Reply, prices: Prices | undefined): Spend {
  const outputTokens = whole ? stated.outputTokens : Math.max(stated.outputTokens, said);
  const spend = { ...stated, outputTokens };
  const estimated = whole || outputTokens === 0 ? {} : { tokensEstimated: outputTokens };
  return tokensOf(spend) === 0 ? NO_SPEND : { ...priced(spend, model, prices), ...estimated };
}

/** Later numbers of the same reply are no smaller, or were left out. */
const larger = (a: Spend, b: Spend): Spend => ({
  inputTokens: Math.max(a.inputTokens, b.inputTokens),
  outputTokens: Math.max(a.outputTokens, b.outputTokens),
  cacheReadTokens: Math.max(a.cacheReadTokens, b.cacheReadTokens),
  cacheWriteTokens: Math.max(a.cacheWriteTokens, b.cacheWriteTokens),
  usd: 0,
});

/** Four letters are about a token. */
const lengthOf = (event: MessageEvent): number =>
  Math.ceil((event.kind === 'tool_start' ? `${event.name}${JSON.stringify(event.input) ?? ''}` : event.text).length / 4);
