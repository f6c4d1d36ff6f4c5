import { z } from 'zod';
import { list, moment } from './parts.ts';
import { historyEntry } from './task.ts';

/** Why a task is where it is; the same that `tac8 why` prints. */
export const why = z.object({
  at: moment(),
  task: z.string(),
  state: z.string(),
  sentence: z.string(),
  since: moment().nullable(),
  gates: list(
    z.object({
      name: z.string(),
      open: z.boolean(),
      mark: z.enum(['open', 'shut', 'note']).describe('Shut: it holds the task. Note: it holds nothing, and is worth knowing'),
      text: z.string().describe('The evidence'),
      since: moment().nullable(),
      until: moment().nullable().describe('When it changes by itself'),
      change: z.string().nullable().describe('What opens it; null for an open one, and where nothing has to'),
    }),
  ),
  next: z.string().describe('What changes the state'),
  history: list(historyEntry),
});

export type Why = z.infer<typeof why>;
