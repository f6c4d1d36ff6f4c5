import type { Spend } from '../core/model/run.ts';
import { READERS } from './readers.ts';

/** With the dollars that it comes to by the price of its model, where the agent has stated none. Of one request. */
export function priced(spend: Spend, model: string | null): Spend {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = spend;
  const prompt = inputTokens + cacheReadTokens + cacheWriteTokens;
  if (spend.usd > 0 || prompt + outputTokens === 0) return spend;
  const found = model === null ? undefined : READERS.map(({ price }) => price?.(model, prompt)).find((one) => one != null);
  if (found == null) return { ...spend, tokensUnpriced: prompt + outputTokens };
  // What is written to the cache costs a quarter more.
  const input = inputTokens + cacheReadTokens * found.cached + cacheWriteTokens * 1.25;
  const usd = (input * found.input + outputTokens * found.output) / 1e6;
  return { ...spend, usd, usdEstimated: usd };
}
