import { z } from 'zod';
import { list, moment, uncertain } from './parts.ts';
import { historyEntry } from './task.ts';

const tally = {
  runs: z.int().describe('Runs that ended'),
  outcomes: z.record(z.string(), z.int()).describe('`done`, `blocked` or a type of failure; `open`: still being settled'),
  usd: z.number(),
  ...uncertain,
  tokens: z.number(),
};

/** What the runs of each day came to. */
export const stats = z.object({
  at: moment(),
  since: moment(),
  days: list(
    z.object({
      day: z.string().describe('`2026-11-29`, in the daemon’s own time zone'),
      ...tally,
      pulls: z.int().describe('Pulls that its runs opened or went on with'),
      median_ms: z.int().nullable().describe('How long its runs took'),
      p90_ms: z.int().nullable(),
    }),
  ).describe('Oldest first; also those without runs'),
  models: list(z.object({ name: z.string(), ...tally })).describe('The most used first, whichever is asked for'),
  labels: list(z.object({ name: z.string(), ...tally })).describe(
    'Of the tasks, the most used first, whichever is asked for; a run counts for each',
  ),
  cut: z.boolean().describe('Some days have more runs than are counted'),
});

/** Runs as bars: when each began and ended. */
export const timeline = z.object({
  at: moment(),
  since: moment(),
  slots: z.int().nullable(),
  bars: list(
    z.object({
      run: z.string(),
      task: z.string(),
      model: z.string().nullable(),
      started_at: moment(),
      ended_at: moment().nullable().describe('Null: it goes on'),
      outcome: z.string().nullable().describe('`done`, `blocked` or a type of failure; null: it goes on or is being settled'),
    }),
  ).describe('By their beginning'),
  cut: z.boolean().describe('There were more'),
});

export const history = z.object({ at: moment(), entries: list(historyEntry).describe('Newest first') });

export type Stats = z.infer<typeof stats>;
export type Timeline = z.infer<typeof timeline>;
export type History = z.infer<typeof history>;
