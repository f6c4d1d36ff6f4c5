import type { Spend } from '../core/run.ts';
import type { Fields, Said } from './events.ts';
import { list, number, object, string } from './fields.ts';

/** A `result` line: the end of a turn. Claude may say several in one process. */
export function claudeResult(fields: Fields): Said<'turn_end'> {
  const errors = list(fields.errors).filter((error) => typeof error === 'string');
  return {
    kind: 'turn_end',
    isError: fields.is_error === true,
    subtype: string(fields.subtype) ?? '',
    terminalReason: string(fields.terminal_reason),
    apiErrorStatus: number(fields.api_error_status),
    text: string(fields.result) ?? errors.join('\n'),
    durationMs: number(fields.duration_ms),
    turns: number(fields.num_turns),
    spent: perModel(object(fields.model_usage_since_last_result)),
    total: total(fields),
  };
}

/** A message's or result's `usage` object; null where there is none. No dollars in it. */
export function claudeUsage(usage: Fields | null): Spend | null {
  if (usage === null) return null;
  return {
    inputTokens: number(usage.input_tokens) ?? 0,
    outputTokens: number(usage.output_tokens) ?? 0,
    cacheReadTokens: number(usage.cache_read_input_tokens) ?? 0,
    cacheWriteTokens: number(usage.cache_creation_input_tokens) ?? 0,
    usd: 0,
  };
}

/** Older versions sum by process, newer ones over the whole conversation: only of use where nothing better is said. */
function total(fields: Fields): Spend | null {
  const sum = perModel(object(fields.modelUsage)) ?? claudeUsage(object(fields.usage));
  const usd = number(fields.total_cost_usd);
  return sum === null ? null : { ...sum, usd: usd ?? sum.usd };
}

function perModel(models: Fields | null): Spend | null {
  if (models === null) return null;
  const sum = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, usd: 0 };
  for (const value of Object.values(models)) {
    const model = object(value) ?? {};
    sum.inputTokens += number(model.inputTokens) ?? 0;
    sum.outputTokens += number(model.outputTokens) ?? 0;
    sum.cacheReadTokens += number(model.cacheReadInputTokens) ?? 0;
    sum.cacheWriteTokens += number(model.cacheCreationInputTokens) ?? 0;
    sum.usd += number(model.costUSD) ?? 0;
  }
  return sum;
}
