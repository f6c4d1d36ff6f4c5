import * as z from 'zod/mini';
import { CACHES } from '../../agents/ground/toolchains.ts';
import { agent } from './agent-schema.ts';
import {
  above,
  branchName,
  branchPrefix,
  branchTemplate,
  choice,
  count,
  dollars,
  duration,
  flag,
  inside,
  integer,
  line,
  needed,
  optional,
  setting,
  size,
  variable,
} from './fields.ts';
import { github, pulls } from './forge-schema.ts';
import { alerts, notify } from './notify-schema.ts';
import { sandbox } from './sandbox-schema.ts';

/*
 * What people write in tac8.yaml, with the default of each setting and a sentence on it (both go into the published
 * JSON Schema). Names are stable: add, never rename.
 */

const names = () => z.array(variable(), 'a list of names of environment variables');

const agentsName = () => line('a name of small letters, digits and dashes', (text) => /^[a-z][a-z0-9-]{0,39}$/.test(text));

const route = z.strictObject({
  when: needed(
    z.strictObject({
      priority: optional(integer(0, 3), 'The task has this priority.'),
      labels: optional(z.array(line('the name of a label'), 'a list of labels'), 'The issue bears all of these labels.'),
      title: optional(line('words of a title'), 'The title has these words, in capitals or not.'),
      attempt: optional(
        integer(1, 100),
        'It is this attempt or a later one: for a stronger model after a failure. Attempts that count, as in `limits.attempts`.',
      ),
      hours: optional(
        line('hours of the day, such as 22:00-06:00', (text) => /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/.test(text)),
        'The run begins at these hours, by the clock of this machine.',
      ),
      paths: optional(
        z.array(inside(), 'a list of paths').check(z.minLength(1, 'at least one path')),
        'The title or the text of the issue names one of these files and folders, or something below.',
      ),
      usd_left: optional(dollars(), 'Less than so many dollars of `limits.usd_per_day` are left.'),
    }),
    'All that is named here must hold.',
  ),
  model: optional(line('the name of a model'), 'The model for these tasks; by default the agent’s own.'),
  agent: optional(agentsName(), 'The name of one of `agents`, or `default`.'),
  attempts: optional(
    z.strictObject({
      race: needed(
        z
          .array(agentsName(), 'a list of names of agents')
          .check(z.minLength(2, 'at least two agents'), z.maxLength(6, 'at most six agents')),
        'Names of `agents`, `default` or the kind of the one under `agent`.',
      ),
    }),
    'Several attempts side by side, one for each of these agents: the best becomes the pull request, the others are kept.',
  ),
  runs_on: optional(
    z.array(
      line('a label of a machine, such as gpu', (text) => /^[a-z0-9][a-z0-9-]{0,30}$/.test(text)),
      'a list of labels of machines',
    ),
    'These tasks run on machines that have all of these labels (`tac8 runner --labels`).',
  ),
});

const limits = z.strictObject({
  run_time: setting(duration('1s'), '2h', 'Longest time of one run.'),
  silence: setting(duration('1s'), '15m', 'Longest time without output of the agent.'),
  first_event: setting(duration('1s'), '2m', 'Longest time from the start to the first output of the agent.'),
  background: setting(
    duration('0s'),
    '10m',
    'How long work that the agent left running in the background is waited for after its last message; then it has one more turn.',
  ),
  attempts: setting(integer(1, 100), 3, 'How often a task is tried before it fails for good.'),
  retry_delay: setting(
    duration('0s'),
    '60s',
    'Pause before the second attempt; it doubles with each further one, and is five times as long after a start that failed.',
  ),
  turns: setting(count(), 200, 'Turns of the agent per run.'),
  tokens: setting(count(), '25M', 'Tokens per task.'),
  usd_per_task: setting(dollars(), 10, 'Dollars per task.'),
  usd_per_day: setting(dollars(), 100, 'Dollars per day, all tasks together; starts wait until the next day.'),
  park: setting(
    flag(),
    true,
    'A usage limit or a provider that does not answer holds all starts back until it is over; false: only the task that met it waits.',
  ),
  wrap_up: setting(
    flag(),
    false,
    'Whether an agent that can be told while it works is told once, at four fifths of run_time, turns, tokens or usd_per_task, to finish, commit and say what is left.',
  ),
  next_route: setting(
    flag(),
    false,
    'Whether a task whose agent’s login is parked by such a limit goes to the next route that fits, at last to the one under `agent`, if the login of that one is not: in a fresh conversation, with what was done so far.',
  ),
  log: setting(size(), '2GiB', 'Size of one run’s log.'),
  git: setting(
    duration('1s'),
    '2m',
    'Longest time of one call of git. Snapshots and removals, which read every file, have 10 minutes, or this if it is longer.',
  ),
  setup: setting(duration('1s'), '15m', 'Longest time of `worktrees.setup`.'),
  verify: setting(duration('1s'), '30m', 'Longest time of `pulls.verify`.'),
  memory: optional(
    size(),
    'The most memory that one worker may use with all that it starts; tac8 ends a worker that uses more. By default only all workers together are limited. Needs cgroup v2.',
  ),
  disk: optional(size(), 'The most disk that one task may use on this machine, its home included; tac8 ends a worker beyond it.'),
  min_free_memory: setting(size(), '1GiB', 'tac8 starts nothing with less free memory.'),
  min_free_disk: setting(size(), '2GiB', 'tac8 starts nothing with less free disk space.'),
  load_per_core: setting(above('a number above 0'), 20, 'tac8 starts nothing while more processes than this want each core.'),
  start_gap: setting(duration('0s'), '500ms', 'Pause between two starts, so that agents do not all start up at once.'),
});

const stop = z.strictObject({
  tool: setting(
    duration('0s'),
    '60s',
    'How long the current tool call may take to end. For an agent whose output tac8 does not read: how long to wait for its next line, at most.',
  ),
  interrupt: setting(
    duration('0s'),
    '5s',
    'How long tac8 waits after it asked the agent to end by the agent’s own protocol, if it has one, and again after SIGINT.',
  ),
  terminate: setting(duration('0s'), '5s', 'How long tac8 waits after SIGTERM.'),
  kill: setting(duration('100ms'), '5s', 'How long tac8 waits after SIGKILL before it calls the end unconfirmed and tries again.'),
});

const worktrees = z.strictObject({
  dir: setting(inside(), 'trees', 'Folder of the worktrees, from the repository’s root.'),
  setup: optional(line('the path of a script'), 'A script, from the repository’s root, run in each new worktree.'),
  env: setting(names(), [], 'Names of environment variables that `worktrees.setup` gets besides the base list.'),
  cache: setting(
    z.array(choice(CACHES), 'a list of tools'),
    [],
    'Tools whose downloads all tasks share, in .tac8/cache; by default each task has its own. Whatever one worker puts there, the others use.',
  ),
  include: setting(inside(), '.worktreeinclude', 'File that lists the ignored files that a new worktree needs.'),
  save: setting(z.array(line('a glob'), 'a list of globs'), [], 'Ignored files that tac8 saves with a worktree.'),
  save_every: setting(duration('100ms'), '5m', 'How often tac8 saves the work of a running worker, if it has changed.'),
  keep_saved: setting(duration('0s'), '30d', 'How long saved work stays; the last of each task stays for good.'),
  keep_completed: setting(duration('0s'), '24h', 'How long the worktree of a completed task stays.'),
});

const http = z.strictObject({
  enabled: setting(flag(), true, 'Whether the page, its API, /metrics and /healthz are served.'),
  host: setting(
    line('an address to listen on, such as 127.0.0.1'),
    '127.0.0.1',
    'The address to listen on; any other than this machine’s own needs the token.',
  ),
  names: setting(
    z.array(
      line('a host name, such as pi.my-tailnet.ts.net', (text) => /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(text)),
      'a list of host names',
    ),
    [],
    'Further names of this machine that a browser may ask for, as a tunnel to it has them.',
  ),
  port: setting(integer(0, 65535), 4780, 'If it is in use, tac8 takes the next free one; 0: any free port.'),
  token_env: setting(variable(), 'TAC8_TOKEN', 'Name of the environment variable that holds the token that other machines have to send.'),
});

const board = z.strictObject({
  archive: needed(
    z._default(z.nullable(inside()), '.tac8/archive'),
    'Folder for the lines of tasks completed before today, one file a month; null: the store alone keeps them.',
  ),
});

export const configSchema = z.strictObject({
  repo: optional(
    line('a repository as owner/name, such as acme/widgets', (text) => /^[\w.-]+\/[\w.-]+$/.test(text)),
    'The repository on GitHub; by default read from the origin remote. Without one: tasks of tasks.md only.',
  ),
  label: setting(
    line('the name of one label, without a comma', (text) => !text.includes(',') && text.length <= 50),
    'rpi-auto',
    'Issues with this label are worked on.',
  ),
  milestone: optional(line('the title of a milestone'), 'Of the labelled issues, only those in this milestone are worked on.'),
  assignee: optional(
    line('a login', (text) => /^[\w.-]+$/.test(text)),
    'Of the labelled issues, only those that are assigned to this login are worked on.',
  ),
  poll_interval: setting(duration('100ms'), '30s', 'How often GitHub is asked.'),
  max_concurrent_workers: setting(integer(1, 1000), 3, 'How many agents run at the same time.'),
  max_open_pulls: optional(
    integer(1, 1000),
    'With so many pull requests of tac8 open, it starts nothing that would open another; by default there may be any number.',
  ),
  base_branch: optional(branchName(), 'The branch to start from; by default the remote’s default branch.'),
  branch_prefix: setting(branchPrefix(), 'auto/', 'The branches of tasks are called prefix + task, such as auto/gh-12.'),
  branch_name: setting(
    branchTemplate(),
    '{task}',
    'What stands behind the prefix. `{task}-{title}` calls a branch auto/gh-12-add-dark-mode; the task comes first, and the words are those of the title when the task came into the queue.',
  ),
  github: setting(github, {}, 'How to reach GitHub.'),
  git: setting(
    z.strictObject({
      filters: setting(
        z.array(
          line('the name of a filter, such as lfs', (text) => /^[\w.-]+$/.test(text)),
          'a list of names',
        ),
        [],
        'Filters of git that tac8 runs, such as lfs. Their programs are those of your own git settings, never the repository’s.',
      ),
      author: optional(
        line('a name and a mail, such as Robot <robot@example.com>', (text) => /^[^<>\r\n]+ <[^<>\s]+>$/.test(text)),
        'Who the commits of workers are by; by default you, as your own git settings name you, else tac8 <tac8@localhost>.',
      ),
    }),
    {},
    'How tac8 calls git.',
  ),
  agent: setting(agent, {}, 'The coding agent.'),
  agents: setting(
    z.record(agentsName(), agent),
    {},
    'Further agents by names of your own, each with the settings of `agent`. A route or `tac8 retry --agent NAME` chooses one.',
  ),
  sandbox: optional(sandbox, 'What workers see, write and reach. Left out: all that you do; `tac8 init` writes it.'),
  routes: setting(z.array(route, 'a list of routes'), [], 'Another agent or model for some tasks; the first that fits wins.'),
  limits: setting(limits, {}, 'Everything ends: each limit has a default.'),
  stop: setting(stop, {}, 'How long each step of ending a worker may take.'),
  pulls: setting(pulls, {}, 'Pull requests.'),
  worktrees: setting(worktrees, {}, 'The worktrees of the tasks.'),
  board: setting(board, {}, 'The queue in tasks.md.'),
  logs: setting(z.strictObject({ keep: setting(duration('1h'), '30d', 'How long logs of ended runs stay.') }), {}, 'The logs of runs.'),
  http: setting(http, {}, 'What the daemon serves over HTTP: the page, its API, metrics and health.'),
  notify: notify(),
  alerts: alerts(),
  store: setting(
    z.strictObject({
      url: setting(
        line('sqlite:FILE, such as sqlite:.tac8/tac8.db', (text) => /^sqlite:./.test(text)),
        'sqlite:.tac8/tac8.db',
        'Where the state is kept.',
      ),
    }),
    {},
    'The database.',
  ),
  machines: optional(
    z.strictObject({
      postgres_env: setting(
        variable(),
        'TAC8_POSTGRES',
        'Name of the environment variable that holds the address of Postgres, such as postgres://tac8@db.example/tac8.',
      ),
      schema: setting(
        line('a name of letters, digits and _', (text) => /^[a-z_][a-z0-9_]{0,40}$/.test(text)),
        'tac8',
        'The schema in which the tables are; each repository has its own.',
      ),
      forget_after: optional(
        duration('1m'),
        'A machine that was silent for so long is given up, as `tac8 machines forget` does: its tasks go on elsewhere from their last snapshot. Left out: only a person gives a machine up.',
      ),
    }),
    'Other machines that do the work, joined by `tac8 runner`. Left out: workers run on this machine, and no Postgres is needed.',
  ),
  metrics: setting(
    z.strictObject({
      file: setting(inside(), 'adws/metrics.json', 'The file of the health counters, from the repository’s root.'),
      sysfs: setting(
        line('a folder, such as /sys', (text) => text.startsWith('/')),
        '/sys',
        'Where the kernel shows temperatures; in a container, the path where /sys of the host is mounted.',
      ),
    }),
    {},
    'The metrics.',
  ),
});

export type Checked = z.output<typeof configSchema>;
