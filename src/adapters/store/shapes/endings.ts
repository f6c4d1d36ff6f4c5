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
  logsUnread: s.number().optional(),
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
/** A document that is not JSON gives a text that is none, so that the damage is told. */
export const ENDING = `CASE WHEN json_valid(doc) THEN json_extract(doc, ${PARTS.map((part) => `'$.${part}'`).join(', ')}) ELSE 'damaged' END`;
/** The type of a failed task's failure; null of any other. */
export const FAILED_AS = "CASE WHEN state = 'failed' AND json_valid(doc) THEN doc ->> '$.failure.type' END";

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
  if (kind === 'failed' && failure === null) return null;
  return isPlainlyEnding(found) || misfitOf(ending, found) === null ? (found as Ending) : null;
}

const BECAME: ReadonlySet<unknown> = new Set([null, 'done', 'blocked', ...FAILURE_TYPES]);

/** What nearly every ending is, told in a fraction of the time that the shape takes. False: the shape decides. */
function isPlainlyEnding({ startedAt, endedAt, became, pull, spend: spent, model }: Readonly<Record<keyof Ending, unknown>>): boolean {
  return (
    isNumber(endedAt) &&
    (startedAt === null || isNumber(startedAt)) &&
    (pull === null || isNumber(pull)) &&
    (model === null || typeof model === 'string') &&
    BECAME.has(became) &&
    isPlainSpend(spent)
  );
}

const isNumber = Number.isFinite;

const NOT_PLAIN = ['usdEstimated', 'tokensEstimated', 'tokensUnpriced', 'logsUnread'] as const;
function isPlainSpend(spent: unknown): boolean {
  if (!s.isObject(spent) || NOT_PLAIN.some((name) => name in spent)) return false;
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, usd } = spent;
  return isNumber(inputTokens) && isNumber(outputTokens) && isNumber(cacheReadTokens) && isNumber(cacheWriteTokens) && isNumber(usd);
}

export function endedTasks({ state, failure, n }: Readonly<Record<string, unknown>>): EndedTasks {
  const known = misfitOf(failureType, failure) === null ? (failure as FailureType) : 'unknown';
  return { state: state as EndedTasks['state'], failure: state === 'failed' ? known : null, n: Number(n) };
}
