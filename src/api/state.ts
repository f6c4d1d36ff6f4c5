import { z } from 'zod';
import { list, moment, uncertain } from './parts.ts';
import { taskRow } from './row.ts';

/** All that `tac8 status --json` prints. */
export const status = z.object({
  at: moment().describe('When this was read'),
  root: z.string().describe('The main checkout'),
  daemon: z
    .object({
      pid: z.int().nullable(),
      since: moment().nullable().describe('Since when it runs'),
      host: z.string().nullable(),
    })
    .nullable()
    .describe('Null: no daemon runs'),
  draining: z.boolean().describe('It was told to leave'),
  seen_at: moment()
    .nullable()
    .describe('When the daemon last wrote down what it saw: the age of all that follows; null: none ever ran here'),
  trouble: z
    .object({
      at: moment().nullable().describe('Since when'),
      message: z.string(),
    })
    .nullable()
    .describe('The loop’s own failure'),
  damage: z
    .object({
      at: moment().nullable().describe('When'),
      message: z.string(),
      kept: z.string(),
    })
    .nullable()
    .describe('The database was damaged within the last week'),
  slow: z
    .object({
      at: moment().nullable().describe('When'),
      step: z.string().describe('The step that took the most'),
      message: z.string(),
    })
    .nullable()
    .describe('The last tick of the loop that took longer than a second, within the last hour'),
  issues: z
    .object({
      known: z.boolean(),
      at: moment().nullable().describe('When it was seen'),
      count: z.int().nullable(),
      because: z.string().nullable(),
      since: moment().nullable().describe('Since when nobody knows'),
    })
    .nullable()
    .describe('The list of issues'),
  pulls: z
    .object({
      known: z.boolean(),
      at: moment().nullable().describe('When it was seen'),
      count: z.int().nullable(),
      because: z.string().nullable(),
      since: moment().nullable().describe('Since when nobody knows'),
    })
    .nullable()
    .describe('The list of open pulls'),
  github_limit: z
    .object({
      limit: z.int().nullable(),
      remaining: z.int().nullable(),
      reset_at: moment().nullable().describe('When it is full again'),
      held: z
        .object({ until: moment(), because: z.string().describe('In GitHub’s words') })
        .nullable()
        .describe('Nothing is asked until then, since GitHub refuses more; null: it takes requests'),
      spent: z
        .array(
          z.object({
            by: z.string().describe('What for'),
            requests: z.int().describe('That counted against the limit'),
            unchanged: z.int().describe('Answered by "it has not changed", which costs nothing'),
            points: z.int().describe('Of the limit that GraphQL has for itself'),
          }),
        )
        .describe('Who spent what of it in this hour, what spent most first'),
    })
    .nullable()
    .describe('Requests that the token has'),
  slots: z.object({
    used: z.int(),
    of: z.int().nullable(),
  }),
  containment: z
    .object({
      kind: z.enum(['cgroup', 'pidns', 'sweep']),
      memory: z.string().nullable().describe('Why their memory cannot be limited; null: it can'),
    })
    .nullable()
    .describe('What holds workers together; null: none was started yet'),
  sandbox: z
    .enum(['bwrap', 'container', 'none', 'unchosen'])
    .nullable()
    .describe(
      'The box that workers get; container: with the files of an image; unchosen: none, since tac8.yaml says nothing of one; null: no daemon said so yet',
    ),
  refused: z
    .array(
      z.object({ at: moment().nullable(), run: z.string(), task: z.string(), host: z.string().describe('Host and port'), why: z.string() }),
    )
    .describe('What workers at work wanted of the network and were not given, newest first'),
  traffic: z
    .array(
      z.object({
        task: z.string(),
        host: z.string().describe('Host and port'),
        requests: z.int().describe('Requests and tunnels'),
        sent: z.int().describe('Bytes to the host'),
        received: z.int().describe('Bytes from the host'),
      }),
    )
    .describe('What went through the way out of the sandboxes of tasks at work, over all their runs, most bytes first'),
  paused_at: moment().nullable().describe('Since when a person keeps new starts back'),
  parked: z
    .object({
      type: z.string(),
      message: z.string(),
      run: z.string(),
      since: moment().nullable().describe('Since when'),
      until: moment().nullable().describe('Null: until a person has checked'),
    })
    .nullable()
    .describe('A limit of the provider keeps new starts back'),
  parked_logins: z
    .array(
      z.object({
        login: z
          .string()
          .describe('Its name in tac8.yaml: `login`, or the first agent that has it; `default`: that of the one under `agent`'),
        type: z.string(),
        message: z.string(),
        run: z.string(),
        since: moment().nullable().describe('Since when'),
        until: moment().nullable().describe('Null: until a person has checked'),
      }),
    )
    .describe('Where agents have several logins: those with which nothing starts; the others go on'),
  spend_today: z.object({
    usd: z.number(),
    ...uncertain,
    cap_usd: z.number().nullable(),
  }),
  machine: z
    .object({
      memory_free: z.number(),
      memory: z.number().nullable(),
      disk_free: z.number(),
      disk: z.number().nullable(),
      load_per_core: z.number(),
      cpu_share: z.number().nullable().describe('From 0 to 1'),
      temperatures: z.record(z.string(), z.number()).describe('Degrees Celsius by sensor'),
    })
    .nullable()
    .describe('Bytes; the last look'),
  machines: list(
    z.object({
      name: z.string(),
      answers: z.boolean().describe('False: nobody knows what runs there'),
      heard_at: moment().nullable().describe('When it was last heard of'),
      slots: z.int(),
      runs: z.array(z.string()),
      labels: z.array(z.string()),
      load_per_core: z.number(),
      disk_free: z.number(),
      memory_free: z.number(),
      version: z.string(),
      draining: z.boolean().describe('It is given nothing more'),
      given_up: z.boolean().describe('Its work goes on elsewhere'),
      broken: z.string().nullable().describe('Why it takes nothing for a while'),
    }),
  ).describe('Machines that work for this one, as the daemon last heard of them; bytes'),
  alerts: list(
    z.object({
      key: z.string(),
      rule: z.string(),
      task: z.string().nullable(),
      text: z.string(),
      hint: z.string(),
      since: moment().nullable().describe('Since when'),
    }),
  ).describe('Conditions that people were told of and that hold; see docs/alerts.md'),
  health: z.enum(['ok', 'warning', 'degraded']),
  recent: z
    .object({ runs: z.int(), failed: z.int() })
    .describe('The runs that ended last, 20 at most, without those that people ended or that go on by themselves'),
  counters: z.object({
    workers_launched: z.int(),
    workers_completed: z.int(),
    workers_failed: z.int(),
    worktree_errors: z.int(),
    prs_created: z.int(),
  }),
  counts: z
    .object({
      pending: z.int(),
      active: z.int(),
      review: z.int().optional().describe('Left out where there are none'),
      completed: z.int(),
      failed: z.int(),
      blocked: z.int(),
    })
    .describe('Tasks by state'),
  problems: list(
    z.object({
      line: z.int(),
      message: z.string(),
      hint: z.string(),
    }),
  ).describe('Lines of tasks.md that cannot be read'),
  held_edit: z
    .object({
      kind: z.string(),
      message: z.string(),
      hint: z.string(),
      token: z.string(),
    })
    .nullable()
    .describe('An edit of tasks.md that looks like an accident'),
  notes: list(
    z.object({
      task: z.string().nullable(),
      text: z.string(),
      until: moment().nullable().describe('When it changes by itself'),
    }),
  ).describe('What a person should know that no state shows; task null: of all'),
  tasks: list(taskRow).describe(
    'Who must act first: blocked, failed (the newest 20), active, pending, in review (the newest 20), completed today (the newest 20)',
  ),
});

export const warning = z.object({
  what: z.string().describe('Which kind: `trouble`, `parked`, `github`, …'),
  level: z
    .enum(['bad', 'warn', 'note'])
    .describe('`bad`: tac8 does not work as it should; `warn`: something is held up; `note`: good to know'),
  since: moment().nullable(),
  text: z.string(),
  hint: z.string().nullable().describe('What to do about it, where that does not stand in the text'),
});

/** The status, and what a page wants beside it. */
export const state = z.object({
  ...status.shape,
  version: z.string().describe('Of the daemon that answers'),
  age_ms: z.int().nullable().describe('How old the newest of the facts is, in ms; null: no daemon ever looked'),
  tasks_left_out: z.int().describe('Waiting tasks that are not among `tasks`: `/tasks?state=pending` has them all'),
  warnings: list(warning).describe('What a person should know first, the worst first'),
});

export type Status = z.infer<typeof status>;
export type Warning = z.infer<typeof warning>;
export type State = z.infer<typeof state>;
