import { z } from 'zod';
import { list, moment, uncertain } from '../parts.ts';

/** Every repository that this person's daemons serve on this machine, as each daemon tells of itself. */
export const repositories = z.object({
  at: moment(),
  repositories: list(
    z.object({
      root: z.string().describe('The main checkout'),
      here: z.boolean().describe('The daemon that is asked serves it'),
      url: z.string().describe('Where its page is'),
      slots: z.object({ used: z.int(), of: z.int().nullable() }).nullable(),
      needs_you: z.int().nullable().describe('Tasks that ask a person: those under “Needs you”'),
      usd_today: z.number().nullable(),
      ...uncertain,
      health: z.string().nullable(),
      seen_at: moment().nullable().describe('When it last looked'),
      why: z.string().nullable().describe('Why nothing is known of it; null: all is'),
    }),
  ).describe('By their paths'),
});

export const repositoryBody = z.strictObject({ root: z.string().min(1).max(4096) });

export type Repositories = z.infer<typeof repositories>;
export type Repository = Repositories['repositories'][number];
