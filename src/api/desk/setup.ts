import { z } from 'zod';
import { list, moment } from '../parts.ts';

/** Whether all is in place, and the settings in force. */
export const setup = z.object({
  at: moment(),
  findings: list(
    z.object({
      check: z.string(),
      level: z.enum(['ok', 'warn', 'bad', 'unknown']),
      says: z.string().describe('What was seen'),
      why: z.string().describe('Why it matters'),
      mend: z.string().nullable().describe('What mends it; null: nothing to mend, or nobody knows how'),
    }),
  ).describe('What `tac8 doctor` finds'),
  settings: list(
    z.object({
      path: z.string().describe('`limits.run_time`'),
      value: z.string().describe('As it is written; of one from the environment the name'),
      from: z.enum(['tac8.yaml', 'environment', 'default']),
      line: z.int().nullable().describe('In tac8.yaml; null: it does not stand there'),
      about: z.string(),
    }),
  ),
  problems: list(z.string()).describe('Mistakes in tac8.yaml; while there are any, the last good settings count'),
  waiting: z.string().nullable().describe('What of a changed tac8.yaml waits for a person; null: nothing'),
});

export type Setup = z.infer<typeof setup>;
