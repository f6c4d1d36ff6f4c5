import type { Spend } from '../../core/model/run.ts';
import type { Fields } from '../words/events.ts';
import { number, object } from '../words/fields.ts';

/** `stats` of a result of stream-json. */
export function spendOf(stats: Fields | null): Spend | null {
  if (stats === null) return null;
  const cached = number(stats.cached) ?? 0;
  return {
    inputTokens: Math.max(0, (number(stats.input_tokens) ?? 0) - cached),
    outputTokens: number(stats.output_tokens) ?? 0,
    ...{ cacheReadTokens: cached, cacheWriteTokens: 0, usd: 0 },
  };
}

/** What it says beside the protocol's own words: `_meta.quota.token_count`, of the turn. */
export function quotaOf(result: Fields): Spend | null {
  const count = object(object(object(result._meta)?.quota)?.token_count);
  if (count === null) return null;
  return {
    ...{ inputTokens: number(count.input_tokens) ?? 0, outputTokens: number(count.output_tokens) ?? 0 },
    ...{ cacheReadTokens: 0, cacheWriteTokens: 0, usd: 0 },
  };
}
