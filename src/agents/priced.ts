import type { Prices, Spend } from '../core/agent/spend.ts';
import { READERS } from './readers.ts';
import { atPrice, priceIn } from './words/price.ts';

/** With the dollars that it comes to by the price of its model, where the agent has stated none. Of one request. `prices`: the person's, which come first. */
export function priced(spend: Spend, model: string | null, prices: Prices = {}): Spend {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = spend;
  const prompt = inputTokens + cacheReadTokens + cacheWriteTokens;
  if (spend.usd > 0 || prompt + outputTokens === 0) return spend;
  const known = () => (model === null ? undefined : READERS.map(({ price }) => price?.(model, prompt)).find((one) => one != null));
  const found = priceIn(prices, model) ?? known();
  if (found == null) return { ...spend, tokensUnpriced: prompt + outputTokens };
  return atPrice(spend, found);
}
