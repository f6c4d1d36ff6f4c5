import { z } from 'zod';
import {
  branchName,
  branchPrefix,
  choice,
  count,
  dollars,
  duration,
  flag,
  inside,
  integer,
  line,
  size,
  variable,
  webAddress,
} from './fields.ts';
import { alerts, notify } from './notify-schema.ts';

/*
 * What people write in tac8.yaml, with the default of each setting and a sentence on it (both go into the published
 * JSON Schema). Names are stable: add, never rename.
 */

const command = () => z.array(line('an argument, as text'), 'a list of arguments, such as [claude]').min(1, 'at least the program');

const github = z.strictObject({
  api_url: webAddress()
    .prefault('https://api.github.com')
    .describe('Base address of the REST API; for GitHub Enterprise https://HOST/api/v3.'),
  token_env: variable()
    .prefault('GITHUB_TOKEN')
    .describe('Name of the environment variable that holds the token; without it `gh auth token` is asked.'),
  webhook_secret_env: variable().optional().describe('Name of the environment variable that holds the secret of the webhook.'),
});

const agent = z.strictObject({
  kind: choice(['claude', 'command'])
    .prefault('claude')
    .describe('claude: Claude Code. command: any program, its whole argv in `command`.'),
  command: command().optional().describe('What to run: by default [claude]; for kind command the whole argv, with {{ placeholders }}.'),
  model: line('the name of a model').optional().describe('The model; by default the agent’s own.'),
  env: z
    .array(variable(), 'a list of names of environment variables')
    .optional()
    .describe(
      'Names of environment variables that the worker gets besides the base list; by default [ANTHROPIC_API_KEY] for claude, none for command.',
    ),
  repo_settings: flag()
    .prefault(false)
    .describe(
      'claude: whether the repository’s own .claude settings count. Their hooks run commands without asking, so by default they do not.',
    ),
});

const route = z.strictObject({
  when: z
    .strictObject({
      priority: integer(0, 3).optional().describe('The task has this priority.'),
      labels: z.array(line('the name of a label'), 'a list of labels').optional().describe('The issue bears all of these labels.'),
    })
    .describe('All that is named here must hold.'),
  model: line('the name of a model').describe('The model for these tasks.'),
});

const limits = z.strictObject({
  run_time: duration('1s').prefault('2h').describe('Longest time of one run.'),
  silence: duration('1s').prefault('15m').describe('Longest time without a sign of the agent.'),
  first_event: duration('1s').prefault('2m').describe('Longest time from the start to the first sign of the agent.'),
  attempts: integer(1, 100).prefault(3).describe('How often a task is tried before it fails for good.'),
  retry_delay: duration('0s')
    .prefault('60s')
    .describe('Pause before the second attempt; it doubles with each further one, and is five times as long after a start that failed.'),
  turns: count().prefault(200).describe('Turns of the agent per run.'),
  tokens: count().prefault('25M').describe('Tokens per task.'),
  usd_per_task: dollars().prefault(10).describe('Dollars per task.'),
  usd_per_day: dollars().prefault(100).describe('Dollars per day, all tasks together; starts wait until the next day.'),
  park: flag()
    .prefault(true)
    .describe(
      'A usage limit or a provider that does not answer holds all starts back until it is over; false: only the task that met it waits.',
    ),
  log: size().prefault('2GiB').describe('Size of one run’s log.'),
  memory: size()
    .optional()
    .describe(
      'The most memory of one worker with all it starts; beyond it that worker is ended. By default only all workers together are limited. Needs cgroup v2.',
    ),
  min_free_memory: size().prefault('1GiB').describe('Nothing is started with less free memory.'),
  min_free_disk: size().prefault('2GiB').describe('Nothing is started with less free disk space.'),
  load_per_core: z.number('a number').positive().prefault(20).describe('Nothing is started while more processes than that want each core.'),
  start_gap: duration('0s').prefault('500ms').describe('Pause between two starts, so that agents do not all start up at once.'),
});

const stop = z.strictObject({
  tool: duration('0s')
    .prefault('60s')
    .describe(
      'How long the tool call in hand may take to end; of an agent whose words tac8 does not read: until its next line, at most as long.',
    ),
  interrupt: duration('0s')
    .prefault('5s')
    .describe('How long after the agent was asked to end by its own protocol, where it has one, and once more after SIGINT.'),
  terminate: duration('0s').prefault('5s').describe('How long after SIGTERM.'),
  kill: duration('100ms').prefault('5s').describe('How long after SIGKILL until it is called unconfirmed (and tried again).'),
});

const pulls = z.strictObject({
  opened_by: choice(['coordinator', 'worker']).prefault('coordinator').describe('Who pushes the branch and opens the pull request.'),
  draft: flag().prefault(true).describe('Pull requests are opened as drafts.'),
  verify: line('a command')
    .optional()
    .describe('Run in the worktree before the pull request is opened; red gives the agent one more turn.'),
});

const worktrees = z.strictObject({
  dir: inside().prefault('trees').describe('Folder of the worktrees, from the repository’s root.'),
  setup: line('the path of a script').optional().describe('A script, from the repository’s root, run in each new worktree.'),
  include: inside().prefault('.worktreeinclude').describe('File that lists what git ignores and a new worktree needs nevertheless.'),
  save: z.array(line('a glob'), 'a list of globs').prefault([]).describe('Ignored files that are saved with a worktree all the same.'),
  save_every: duration('100ms')
    .prefault('5m')
    .describe('How often the work of a running worker is saved; nothing changed: nothing is saved.'),
  keep_saved: duration('0s').prefault('30d').describe('How long saved work stays; the last of each task stays for good.'),
  keep_completed: duration('0s').prefault('24h').describe('How long the worktree of a completed task stays.'),
});

const http = z.strictObject({
  enabled: flag().prefault(true).describe('Whether /metrics and /healthz are served.'),
  host: line('an address to listen on, such as 127.0.0.1').prefault('127.0.0.1').describe('Any other than this machine needs the token.'),
  port: integer(0, 65535).prefault(4780).describe('The next free one is taken where it is in use; 0: any.'),
  token_env: variable()
    .prefault('TAC8_TOKEN')
    .describe('Name of the environment variable that holds the token that other machines have to send.'),
});

const board = z.strictObject({
  archive: inside()
    .nullable()
    .default('.tac8/archive')
    .describe('Folder for the lines of tasks completed before today, one file a month; null: the store alone keeps them.'),
});

export const configSchema = z.strictObject({
  repo: line('a repository as owner/name, such as acme/widgets', (text) => /^[\w.-]+\/[\w.-]+$/.test(text))
    .optional()
    .describe('The repository on GitHub; by default read from the origin remote. Without one: tasks of tasks.md only.'),
  label: line('the name of one label, without a comma', (text) => !text.includes(',') && text.length <= 50)
    .prefault('rpi-auto')
    .describe('Issues with this label are worked on.'),
  poll_interval: duration('100ms').prefault('30s').describe('How often GitHub is asked.'),
  max_concurrent_workers: integer(1, 1000).prefault(3).describe('How many agents run at the same time.'),
  base_branch: branchName().optional().describe('The branch to start from; by default the remote’s default branch.'),
  branch_prefix: branchPrefix().prefault('auto/').describe('The branches of tasks are called prefix + task, such as auto/gh-12.'),
  github: github.prefault({}).describe('How to reach GitHub.'),
  agent: agent.prefault({}).describe('The coding agent.'),
  routes: z.array(route, 'a list of routes').prefault([]).describe('Another model for some tasks; the first that fits wins.'),
  limits: limits.prefault({}).describe('Everything ends: each limit has a default.'),
  stop: stop.prefault({}).describe('How long each step of ending a worker may take.'),
  pulls: pulls.prefault({}).describe('Pull requests.'),
  worktrees: worktrees.prefault({}).describe('The worktrees of the tasks.'),
  board: board.prefault({}).describe('The queue in tasks.md.'),
  logs: z
    .strictObject({ keep: duration('1h').prefault('30d').describe('How long logs of ended runs stay.') })
    .prefault({})
    .describe('The logs of runs.'),
  http: http.prefault({}).describe('What the daemon serves over HTTP: metrics and health.'),
  notify: notify(),
  alerts: alerts(),
  store: z
    .strictObject({
      url: line('sqlite:FILE, such as sqlite:.tac8/tac8.db', (text) => /^sqlite:./.test(text))
        .prefault('sqlite:.tac8/tac8.db')
        .describe('Where the state is kept.'),
    })
    .prefault({})
    .describe('The database.'),
  metrics: z
    .strictObject({
      file: inside().prefault('adws/metrics.json').describe('The health counters, from the repository’s root.'),
      sysfs: line('a folder, such as /sys', (text) => text.startsWith('/'))
        .prefault('/sys')
        .describe('Where the kernel tells of temperatures; in a container, where the host’s is mounted.'),
    })
    .prefault({})
    .describe('The metrics.'),
});

export type Checked = z.output<typeof configSchema>;
