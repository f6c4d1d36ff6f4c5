import type { Price, Prices, Spend } from '../core/agent/spend.ts';
import { READERS } from './readers.ts';
import { atPrice, priceIn } from './words/price.ts';

/** With the dollars that it comes to by the price of its model, where the agent has stated none. Of one request. `prices`: the person's, which come first. */
export function priced(spend: Spend, model: string | null, prices?: Prices): Spend {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = spend;
  const prompt = inputTokens + cacheReadTokens + cacheWriteTokens;
  if (spend.usd > 0 || prompt + outputTokens === 0) return spend;
  const own = prices === undefined ? null : priceIn(prices, model);
  const found = own ?? (model === null ? null : published(model, prompt));
  return found === null ? { ...spend, tokensUnpriced: prompt + outputTokens } : atPrice(spend, found);
}

/** Asked for each reply of a log: the first one that knows is enough. */
function published(model: string, prompt: number): Price | null {
  for (const { price } of READERS) {
    const found = price?.(model, prompt);
    if (found != null) return found;
  }
  return null;
}
