import { FAILURE_TYPES, type FailureType } from '../../../core/model/failure.ts';
import type { EndedTasks, Ending } from '../../../core/model/records.ts';
import type { RunId, TaskId } from '../../../core/model/task.ts';
import { misfitOf, time } from './check.ts';
import * as s from './shape.ts';

/*
 * What is counted of thousands of runs and tasks, taken out of their documents by the database: to bring each document here, parse and check it
 * whole takes three times as long.
 */

const failureType = s.oneOf(FAILURE_TYPES);
const spend = {
  inputTokens: s.number(),
  outputTokens: s.number(),
  cacheReadTokens: s.number(),
  cacheWriteTokens: s.number(),
  usd: s.number(),
  usdEstimated: s.number().optional(),
  tokensEstimated: s.number().optional(),
  tokensUnpriced: s.number().optional(),
};
/** The fields of an ending, each with its place in the document of a run. */
const PARTS = [
  'startedAt',
  'endedAt',
  'settlement.outcome.kind',
  'settlement.outcome.failure.type',
  'settlement.pull.number',
  'stream.spend',
  'stream.model',
];
export const ENDING = `json_extract(doc, ${PARTS.map((part) => `'$.${part}'`).join(', ')})`;

const ending = s.object({
  startedAt: time.nullable(),
  endedAt: time,
  became: s.oneOf(['done', 'blocked', ...FAILURE_TYPES]).nullable(),
  pull: s.number().nullable(),
  spend: s.object(spend),
  model: s.string().nullable(),
});

/** Out of what `ENDING` selects; null where it does not fit: then the whole document has to be read. */
export function endingIn(parts: unknown, task: TaskId, run: RunId): Ending | null {
  const [startedAt, endedAt, kind, failure, pull, spent, model] = parts as readonly unknown[];
  const found = { run, task, model: model ?? null, startedAt, endedAt, became: kind === 'failed' ? failure : kind, pull, spend: spent };
  return kind === 'failed' && failure === null ? null : misfitOf(ending, found) === null ? (found as Ending) : null;
}

export function endedTasks({ state, failure, n }: Readonly<Record<string, unknown>>): EndedTasks {
  const known = misfitOf(failureType, failure) === null ? (failure as FailureType) : 'unknown';
  return { state: state as EndedTasks['state'], failure: state === 'failed' ? known : null, n: Number(n) };
}
