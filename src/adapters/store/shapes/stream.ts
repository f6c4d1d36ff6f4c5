import { text, time } from './check.ts';
import * as s from './shape.ts';

export const money = {
  usd: s.number(),
  usdEstimated: s.number().optional(),
  tokensUnpriced: s.number().optional(),
  logsUnread: s.number().optional(),
};
export const spend = s.object({
  inputTokens: s.number(),
  outputTokens: s.number(),
  cacheReadTokens: s.number(),
  cacheWriteTokens: s.number(),
  tokensEstimated: s.number().optional(),
  ...money,
});
const reply = s.object({ message: text, model: text.nullable(), stated: spend, said: s.number(), whole: s.boolean() });
/** What a run's log has said so far. */
export const stream = s.object({
  offset: s.number(),
  events: s.number(),
  firstEventAt: time.nullable(),
  lastEventAt: time.nullable(),
  session: text.nullable(),
  model: text.nullable(),
  prices: s.record(s.object({ input: s.number(), output: s.number(), cached: s.number() })).optional(),
  turns: s.number(),
  spend,
  activity: text.nullable(),
  result: s
    .object({
      end: s.oneOf(['completed', 'ended', 'interrupted', 'stopped', 'turns', 'dollars', 'failed', 'refused']),
      isError: s.boolean(),
      subtype: text,
      terminalReason: text.nullable(),
      apiErrorStatus: s.number().nullable(),
      text,
      at: time,
    })
    .nullable(),
  providerError: s
    .object({
      status: s.number().nullable(),
      refusal: s.oneOf(['money', 'login', 'limit', 'request']).nullable(),
      cause: text,
      message: text,
    })
    .nullable(),
  limitedUntil: time.nullable(),
  tools: s.array(text).optional(),
  inTurn: s.boolean().optional(),
  heard: s.record(time.nullable()).optional(),
  recent: s.array(text).optional(),
  circling: s.object({ since: time, calls: s.number() }).nullish(),
  unsettled: s.object({ message: text.nullable(), spend, replies: s.record(reply).optional() }).optional(),
  background: s.array(text).optional(),
  proof: s
    .object({
      edits: s.number(),
      waiting: s.array(s.object({ id: text, command: text, edits: s.number(), isPlain: s.boolean() })).optional(),
      tests: s.object({ command: text, edits: s.number(), ok: s.boolean().nullable() }).optional(),
    })
    .optional(),
  committing: s.array(text).optional(),
  commitRefused: text.nullish(),
});
