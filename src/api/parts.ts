import { z } from 'zod';

/** ISO 8601, in UTC. */
export const moment = () => z.iso.datetime();

export const list = <T extends z.ZodType>(of: T) => z.array(of).readonly();

/** What of the dollars is not certain. */
export const uncertain = {
  usdEstimated: z.number().optional().describe('So many of the dollars come from the price of the model: no agent has stated them'),
  tokensUnpriced: z.number().optional().describe('At least so many tokens are not in the dollars: no price is known for their model'),
  logsUnread: z
    .number()
    .optional()
    .describe('So many logs could not be read to their end: what else they tell of is neither in the tokens nor in the dollars'),
};

/** Tokens by kind, and dollars. */
export const spend = z.object({
  inputTokens: z.number(),
  outputTokens: z.number(),
  cacheReadTokens: z.number(),
  cacheWriteTokens: z.number(),
  usd: z.number(),
  ...uncertain,
  tokensEstimated: z.number().optional().describe('How many of the tokens are estimated from the length of the text'),
});

/** One for each status of the answer. */
export const ERRORS = {
  bad_request: 400,
  no_token: 401,
  forbidden: 403,
  not_found: 404,
  wrong_method: 405,
  refused: 409,
  too_large: 413,
  too_many: 429,
  failed: 500,
  not_now: 503,
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** What every refusal and failure looks like. */
export const failed = z.object({
  error: z.object({
    code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
    message: z.string().describe('What happened, for people'),
    hint: z.string().nullable().describe('What to do about it; null: nobody can say'),
  }),
});

export type Spend = z.infer<typeof spend>;
export type Failed = z.infer<typeof failed>;
