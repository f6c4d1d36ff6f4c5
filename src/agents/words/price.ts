import type { Price, Prices, Spend } from '../../core/agent/spend.ts';

export type { Price, Prices } from '../../core/agent/spend.ts';

/** The price of a model: by its whole name, else by the longest beginning; null: the table has none. */
export function priceIn(prices: Prices, model: string | null): Price | null {
  if (model !== null && Object.hasOwn(prices, model)) return prices[model] ?? null;
  const fitting = Object.keys(prices).filter((name) => name.endsWith('*') && (model ?? '').startsWith(name.slice(0, -1)));
  const [longest] = fitting.sort((a, b) => b.length - a.length);
  return longest === undefined ? null : (prices[longest] ?? null);
}

/** With the dollars that it comes to by that price. */
export function atPrice(spend: Spend, { input, output, cached }: Price): Spend {
  // What is written to the cache costs a quarter more.
  const taken = spend.inputTokens + spend.cacheReadTokens * cached + spend.cacheWriteTokens * 1.25;
  const usd = (taken * input + spend.outputTokens * output) / 1e6;
  return { ...spend, usd, usdEstimated: usd };
}

/** The same by a table, where the agent has stated no dollars and the table has a price. */
export function priced(spend: Spend, prices: Prices, model: string | null): Spend {
  const price = spend.usd > 0 ? null : priceIn(prices, model);
  return price === null ? spend : atPrice(spend, price);
}
