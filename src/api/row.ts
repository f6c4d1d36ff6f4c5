import { z } from 'zod';
import { list, moment, spend } from './parts.ts';

/** A pull request of a task; null: nobody has seen it yet. */
export const pullRow = z.object({
  number: z.int(),
  url: z.string(),
  state: z.enum(['open', 'closed', 'merged']).nullable().describe('Null: not seen yet'),
  draft: z.boolean().nullable(),
  review: z
    .enum(['approved', 'changes_requested', 'required'])
    .nullable()
    .describe('What its reviews come to by the rules of the repository; null: none is asked for and nobody wants a change, or not told'),
  commit: z.string().nullable().describe('Its head'),
  seen_at: moment().nullable().describe('When all of this was so; null: not seen yet'),
  checks: z
    .object({
      known: z.boolean().describe('The last question was answered'),
      at: moment().nullable().describe('When state and counts were so'),
      state: z
        .enum(['failing', 'running', 'passed', 'none', 'unknown'])
        .nullable()
        .describe('One word for all checks; `unknown`: tac8 cannot read some of them'),
      passed: z.int().nullable().describe('success, neutral, skipped'),
      failing: z.int().nullable().describe('failure, error, timed_out, action_required, cancelled, startup_failure, stale'),
      running: z.int().nullable().describe('Not completed yet'),
      other: z.int().nullable().describe('Says a word that tac8 does not know'),
      failing_names: list(z.string()).describe('The first ten'),
      withheld: list(z.enum(['check runs', 'commit statuses'])).describe('What the token may not read'),
      because: z.string().nullable().describe('Why nothing newer is known'),
      since: moment().nullable().describe('Since when nothing newer is known'),
    })
    .nullable()
    .describe('Check runs and commit statuses of its head, of one that is not open any more as they were last seen; null: never asked for'),
});

/** A run as the fleet's view needs it. */
export const runRow = z.object({
  id: z.string(),
  state: z.enum(['preparing', 'starting', 'running', 'stopping', 'ended', 'settled']),
  attempt: z.int(),
  pid: z.int().nullable().describe('Of the agent, while it lives'),
  machine: z.string().nullable().describe('The machine that it is on; null: this one, or none has taken it yet'),
  agent: z.string().describe('Its name in tac8.yaml, and in brackets what it is where the name does not say it'),
  model: z.string().nullable(),
  started_at: moment().nullable().describe('When the agent was started'),
  activity: z.string().nullable().describe('The last thing it did'),
  last_event_at: moment().nullable().describe('When it last said something'),
  turns: z.int(),
  warnings: list(
    z.object({
      by: z.string(),
      text: z.string(),
      at: moment().nullable().describe('Since when'),
    }),
  ),
  spend: spend.describe('Of this run so far, as the agent states it'),
  verified: z.boolean().nullable().describe('Whether pulls.verify was green; null: not run'),
  problem: z
    .object({
      step: z.string(),
      words: z.string().describe('The step as people read it'),
      message: z.string(),
      retry_at: moment().nullable().describe('When it is tried again'),
    })
    .nullable()
    .describe('A step that did not work'),
  usage: z
    .object({
      processes: z.int(),
      memory: z.int().describe('Bytes of its whole process tree'),
      cpu_seconds: z.number(),
    })
    .nullable()
    .describe('The last look at its process tree'),
});

/** A task as the fleet's view needs it. */
export const taskRow = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(['pending', 'active', 'review', 'completed', 'failed', 'blocked']),
  group: z
    .enum(['needs_you', 'failed', 'running', 'waiting', 'review', 'done'])
    .nullable()
    .describe(
      'The heading that it has in `tac8 status` and on the page: `needs_you` also where finished work does not reach the forge; null: an attempt that is over, and the task that it was made for tells of it',
    ),
  priority: z.int().min(0).max(3),
  attempts: z.int(),
  branch: z.string(),
  pull: pullRow.nullable().describe('Its pull request'),
  reason: z
    .object({
      type: z.string(),
      message: z.string(),
      by: z.string().nullable(),
      at: moment().nullable().describe('When'),
      until: moment().nullable().describe('For usage_limit: when it resets'),
    })
    .nullable()
    .describe('Why it failed'),
  question: z.string().nullable().describe('What it asks'),
  evidence: z
    .object({
      heads: z
        .object({ pushed: z.string().nullable(), worktree: z.string().nullable(), pull: z.string().nullable() })
        .describe('Commits that should be one; null: not known'),
      heads_agree: z.boolean().nullable().describe('Null: fewer than two are known'),
      tests: z
        .object({
          command: z.string(),
          after_last_change: z.boolean().describe('No call that changes files was seen after they began'),
          passed: z.boolean().nullable().describe('Null: the command hides it'),
        })
        .nullable()
        .describe('The newest that the agent was seen to run'),
      checks: z.enum(['failing', 'running', 'passed', 'none', 'unknown']).nullable().describe('Of the pushed commit; null: not known'),
      files: z.int().nullable().describe('How many it changes'),
      left_out: list(z.string()).describe('In no commit: the first names'),
    })
    .nullable()
    .describe('What shows that the work is done, without anybody’s word; null: it is not done'),
  awaits_approval: z.boolean().describe('Its push is held until a person approves it'),
  needs_you: z.string().nullable().describe('Why it needs a person though its work is in review; null: it does not'),
  waits_for: z.string().nullable().describe('Why it does not start, `depends on #12 (open)` for one; null: not said'),
  race: z
    .object({
      racers: list(z.string()).describe('The attempts that are made at it side by side, each a task of its own'),
      winner: z.string().nullable().describe('The one whose work is handed over; null: none is chosen yet'),
      why: z.string().nullable().describe('What was compared'),
    })
    .nullable()
    .describe('Null: it has runs of its own'),
  retry_at: moment().nullable().describe('Not before then'),
  paused_at: moment().nullable().describe('Since when it is paused by a person'),
  ended_at: moment().nullable().describe('When it was completed or failed'),
  since: moment().describe('Since when it works, asks, has failed or is done; of one that waits, since when it is known'),
  run: runRow.nullable().describe('The run in hand, or the last one'),
});

export type PullRow = z.infer<typeof pullRow>;
export type RunRow = z.infer<typeof runRow>;
export type TaskRow = z.infer<typeof taskRow>;
