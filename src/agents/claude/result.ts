import type { Refusal, Spend, TurnEnd } from '../../core/model/run.ts';
import type { Fields, Said } from '../words/events.ts';
import { list, number, object, string } from '../words/fields.ts';

/** A `result` line: the end of a turn. Claude may say several in one process. */
export function claudeResult(fields: Fields): Said<'turn_end'> {
  const errors = list(fields.errors).filter((error) => typeof error === 'string' && !error.startsWith('[ede_diagnostic]'));
  const words: ResultWords = {
    isError: fields.is_error === true,
    subtype: string(fields.subtype) ?? '',
    terminalReason: string(fields.terminal_reason),
  };
  return {
    kind: 'turn_end',
    end: endOf(words),
    ...words,
    apiErrorStatus: number(fields.api_error_status),
    text: string(fields.result) ?? errors.join('\n'),
    durationMs: number(fields.duration_ms),
    turns: number(fields.num_turns),
    spent: computed(fields, perModel(object(fields.model_usage_since_last_result))),
    total: total(fields),
  };
}

/** By what a result says how it ended. */
export interface ResultWords {
  readonly isError: boolean;
  readonly subtype: string;
  readonly terminalReason: string | null;
}

/**
 * No word is believed alone: the subtype is `success` over an API error, too, nothing is an error when a hook ended it, and the reason is
 * `completed` over an error in older versions.
 */
export function endOf({ isError, subtype, terminalReason }: ResultWords): TurnEnd {
  const reason = terminalReason ?? '';
  if (reason.startsWith('aborted')) return 'interrupted';
  if (reason === 'hook_stopped' || reason === 'stop_hook_prevented') return 'stopped';
  if (!isError) return reason === 'completed' ? 'completed' : 'ended';
  if (subtype === 'error_max_turns' || reason === 'max_turns') return 'turns';
  if (subtype === 'error_max_budget_usd' || reason === 'budget_exhausted') return 'dollars';
  return subtype === 'error_during_execution' ? 'failed' : 'refused';
}

const REFUSALS: ReadonlyMap<string, Refusal> = new Map([
  ['billing_error', 'money'],
  ['authentication_failed', 'login'],
  ['rate_limit', 'limit'],
  ['invalid_request', 'request'],
]);

/** What its word for a provider's error means; null: nothing that the status does not tell. */
export const refusalOf = (cause: string | null): Refusal | null => REFUSALS.get(cause ?? '') ?? null;

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

/** The client of an agent says it of dollars that a table of prices gave. */
export const computed = <S extends Spend | null>(fields: Fields, spend: S): S =>
  spend === null || fields.cost_is_computed !== true ? spend : { ...spend, usdEstimated: spend.usd };

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
