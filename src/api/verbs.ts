import { z } from 'zod';
import { moment } from './parts.ts';

const reason = z.string().max(2000).optional().describe('Why; shown on the board and the issue');
const words = z.string().trim().min(1).max(20_000);
const token = z.string().min(1).max(100).describe('Of the held edit that is meant, as `/board` names it');

/** What each change takes as its body, as JSON. */
export const BODIES = {
  stop: z.strictObject({ reason }),
  kill: z.strictObject({ reason }),
  cancel: z.strictObject({ reason }),
  retry: z.strictObject({
    continue: z.boolean().optional().describe('In the same conversation and worktree; so a question is answered'),
    fresh: z.boolean().optional().describe('From the base as it is now, on a new branch; the branch before is saved and dropped'),
    message: words.optional().describe('What the agent is told first'),
    agent: z
      .string()
      .max(100)
      .optional()
      .describe('Which of the agents in tac8.yaml works on it from now on; `default`: the one under `agent`'),
  }),
  pause: z.strictObject({}),
  resume: z.strictObject({}),
  priority: z.strictObject({ priority: z.int().min(0).max(3) }),
  approve: z.strictObject({}),
  restore: z.strictObject({ ref: z.string().max(300).optional().describe('The snapshot, as `/saved` names it; left out: the newest') }),
  tell: z.strictObject({ text: words }),
  preview: z.strictObject({ port: z.int().min(1).max(65_535).describe('Where its server listens, on the loopback of the worker') }),
  'accept-edit': z.strictObject({ token }),
  'restore-board': z.strictObject({ token }),
  add: z.strictObject({ title: words, priority: z.int().min(0).max(3).optional() }),
} as const;

export type Verb = keyof typeof BODIES;

/** What came of it, in the daemon’s words: what happened, never what was hoped. */
export const done = z.object({
  ok: z.boolean().describe('False only with the status 202: nothing has come of it yet'),
  message: z.string(),
  request: z.int().describe('`GET /api/v1/requests/ID` tells later what came of it'),
  ms: z.int().describe('How long it took'),
  at: moment().describe('When this was so'),
});

export const previewed = z.object({ ...done.shape, url: z.string().describe('For a browser on the daemon’s machine, with a key') });

export const link = z.object({ url: z.string().describe('It lets one browser in, once, within 15 minutes') });

export type Done = z.infer<typeof done>;
export type Previewed = z.infer<typeof previewed>;
export type Bodies = { readonly [K in Verb]: z.infer<(typeof BODIES)[K]> };
