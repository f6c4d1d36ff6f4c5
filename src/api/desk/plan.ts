import { z } from 'zod';
import { list, moment } from '../parts.ts';

/** What the next look of the loop would do, and why the rest waits; the same that `tac8 plan` shows. */
export const plan = z.object({
  at: moment(),
  events: list(z.object({ task: z.string().nullable(), event: z.string(), words: z.string(), detail: z.string() })).describe(
    'What it would write down',
  ),
  actions: list(z.object({ task: z.string(), kind: z.string(), words: z.string() })).describe('What it would begin'),
  notes: list(z.object({ task: z.string().nullable(), text: z.string(), until: moment().nullable() })),
  next_look: moment().nullable(),
});

export type Plan = z.infer<typeof plan>;
