import type { Spend } from '../core/model/run.ts';
import { READERS } from './readers.ts';
import { atPrice } from './words/price.ts';

/** With the dollars that it comes to by the price of its model, where the agent has stated none. Of one request. */
export function priced(spend: Spend, model: string | null): Spend {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = spend;
  const prompt = inputTokens + cacheReadTokens + cacheWriteTokens;
  if (spend.usd > 0 || prompt + outputTokens === 0) return spend;
  const found = model === null ? undefined : READERS.map(({ price }) => price?.(model, prompt)).find((one) => one != null);
  if (found == null) return { ...spend, tokensUnpriced: prompt + outputTokens };
  return atPrice(spend, found);
}
