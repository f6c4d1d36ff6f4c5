import { z } from 'zod';
import { list, moment, uncertain } from './parts.ts';
import { runRow, taskRow } from './row.ts';

/** One line of the history. */
export const historyEntry = z.object({
  at: moment(),
  task: z.string().nullable(),
  run: z.string().nullable(),
  event: z.string(),
  words: z.string().describe('The event as people read it'),
  detail: z.string(),
});

export const taskPage = z.object({
  at: moment().describe('When this was read'),
  tasks: list(taskRow),
  next: z.string().nullable().describe('Give it as `after` for the next page; null: this was the last one'),
});

/** All that the store knows of a task. */
export const taskDetail = z.object({
  ...taskRow.shape,
  at: moment().describe('When this was read'),
  labels: list(z.string()).describe('Of the issue, as last seen'),
  armed_by: z.enum(['label', 'person']).describe('Who wants it'),
  added_at: moment(),
  runs: z.int().describe('Runs ever started'),
  rounds: z.int().describe('How often work on its open pull was taken up again'),
  spent: z.object({ tokens: z.number(), usd: z.number(), ...uncertain }).describe('By its ended runs since it was last armed'),
  waits: z.object({ on: z.string(), since: moment() }).nullable().describe('Open issues that it waits for'),
  letters: list(z.object({ text: z.string(), at: moment() })).describe('What it is told with its next run'),
  history: list(historyEntry).describe('The newest 100, newest first'),
});

export const runDetail = z.object({
  ...runRow.shape,
  task: z.string().describe('Of attempts side by side the one that this is'),
  created_at: moment(),
  ended_at: moment().nullable(),
  exit: z.object({ code: z.int(), out_of_memory: z.boolean() }).nullable().describe('Null: it lives, or nobody saw how it ended'),
  outcome: z
    .object({ kind: z.enum(['done', 'blocked', 'failed']), type: z.string().nullable(), message: z.string().nullable() })
    .nullable()
    .describe('How it ended once the evidence was in; `message`: the question, or why it failed'),
  ended_by: z.object({ type: z.string(), by: z.string(), reason: z.string() }).nullable().describe('Who or which limit wanted it ended'),
  session: z.string().describe('The agent’s own name of the conversation'),
  resumes: z.string().nullable().describe('The run whose conversation it went on with'),
  told: list(z.object({ text: z.string(), at: moment(), said_at: moment().nullable() })).describe('What persons said to it'),
  work: z
    .object({
      head: z.string().nullable(),
      commits: z.int().nullable(),
      dirty: z.boolean().nullable(),
      files: z
        .object({ names: list(z.string()), count: z.int() })
        .nullable()
        .describe('That it changes: the first names, and how many'),
      lines: z.int().nullable().describe('That it adds and takes out'),
      saved: z.string().nullable().describe('`refs/tac8/saved/…`'),
      pushed: z.string().nullable().describe('The commit'),
      verify: z.object({ ok: z.boolean(), output: z.string() }).nullable(),
    })
    .describe('The evidence of its end, as far as it was looked at'),
  log_bytes: z.int().nullable().describe('How long its log is; null: there is none any more'),
});

export const taskRuns = z.object({
  at: moment(),
  task: z.string(),
  runs: list(runDetail).describe('Oldest first; of attempts side by side those of each'),
});

export type HistoryEntry = z.infer<typeof historyEntry>;
export type TaskPage = z.infer<typeof taskPage>;
export type TaskDetail = z.infer<typeof taskDetail>;
export type RunDetail = z.infer<typeof runDetail>;
export type TaskRuns = z.infer<typeof taskRuns>;
