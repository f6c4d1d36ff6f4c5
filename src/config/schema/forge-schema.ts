import * as z from 'zod/mini';
import { choice, flag, integer, line, optional, setting, variable, webAddress } from './fields.ts';

/** What of the settings is about the forge, and about what is handed over there. */

const names = () => z.array(variable(), 'a list of names of environment variables');

export const github = z.strictObject({
  api_url: setting(webAddress(), 'https://api.github.com', 'Base address of the REST API; for GitHub Enterprise https://HOST/api/v3.'),
  token_env: setting(
    variable(),
    'GITHUB_TOKEN',
    'Name of the environment variable that holds the token; without it `gh auth token` is asked.',
  ),
  app: optional(
    integer(1, 999_999_999_999),
    'The number of the GitHub App that tac8 works as, in place of a person’s token. `tac8 init --app` makes one, writes the number here and keeps the key in ~/.config/tac8/apps.',
  ),
  orders: setting(
    flag(),
    false,
    'Whether people with write access are heard in comments. On an issue or its pull request: /tac8 stop, cancel, pause, resume, retry, tell, approve or why, with words behind it; each is acted on once, acknowledged, and answered. On an issue whose task asks a question, any comment after it is the answer, and the agent goes on with it.',
  ),
  comments: setting(
    flag(),
    true,
    'Whether tac8 comments on issues and pull requests at all; what it hears there it acknowledges in any case.',
  ),
  status_comment: setting(
    flag(),
    false,
    'Whether one comment for each task that was begun tells how it stands: since when, its pull request, its cost, what it waits for. tac8 edits it in place.',
  ),
  dashboard: setting(
    flag(),
    false,
    'Whether tac8 keeps one issue that shows the whole fleet, with boxes to pause, retry, cancel, approve and accept a held edit. A tick by someone with write access is acted on once and taken off again.',
  ),
  claim: setting(
    choice(['auto', 'off']),
    'off',
    'Whether an issue is claimed at the remote before work on it starts, so that of several daemons on several machines one alone works on it. auto: by a ref of its own, refs/tac8/claim/gh-12; where the remote takes no such refs, tac8 says so and goes on without.',
  ),
  bots: setting(
    z.array(
      line('the login of a bot or the name of an App, such as triage[bot]', (text) => /^[A-Za-z0-9-]+(?:\[bot\])?$/.test(text)),
      'a list of bots and Apps',
    ),
    [],
    'Bots and GitHub Apps whose label starts work, by login (triage[bot]); whoever can trigger one of them can start an agent. None by default, and never tac8’s own. What they say in comments counts for nothing.',
  ),
  for_agents: setting(
    choice(['off', 'read']),
    'off',
    'read: a worker may read this repository at GitHub with `gh`, through the daemon: no token reaches it, every write is refused, and what tac8 itself needs of the hour’s requests is kept for it.',
  ),
  webhook_secret_env: optional(
    variable(),
    'Name of the environment variable that holds the secret of a webhook. With it the daemon takes GitHub’s webhooks at /webhooks/github of its HTTP server, and looks at GitHub as soon as one comes.',
  ),
});

export const pulls = z.strictObject({
  opened_by: setting(choice(['coordinator', 'worker']), 'coordinator', 'Who pushes the branch and opens the pull request.'),
  draft: setting(flag(), true, 'Pull requests are opened as drafts.'),
  verify: optional(
    line('a command'),
    'A command that tac8 runs in the worktree before it opens the pull request; if it fails, the agent gets one more turn.',
  ),
  env: setting(names(), [], 'Names of environment variables that `pulls.verify` gets besides the base list.'),
  follow: setting(
    flag(),
    false,
    'A task whose pull request is open is in review until it is merged or closed; its worktree stays so long.',
  ),
  when_green: setting(
    choice(['leave', 'ready', 'merge']),
    'leave',
    'With follow: what happens to a pull request whose checks are all green. ready: it is no draft any more. merge: then GitHub’s auto-merge is asked for; what needs none is merged, or put into the merge queue, when someone with write access approved that commit.',
  ),
  delete_branch: setting(
    flag(),
    false,
    'With follow: the branch of a merged pull request is deleted at GitHub, unless something was pushed to it since or another open pull request needs it.',
  ),
  allow: setting(
    z.array(line('a path or a folder'), 'a list of paths'),
    [],
    'Paths and folders that are pushed without a person, though they decide what runs, who reviews or what agents are told. Any other change of workflows, agent settings, hooks and CODEOWNERS waits for `tac8 approve`.',
  ),
  title: optional(
    line('a title, such as [bot] {title}', (text) => text.includes('{title}')),
    'The title of a pull request: {title} is the issue’s, {number} its number, {task} the task. By default the issue’s title.',
  ),
  labels: setting(z.array(line('the name of a label'), 'a list of labels'), [], 'Labels that a new pull request gets.'),
  reviewers: setting(
    z.array(
      line('a login, or a team as org/team', (text) => /^[\w.-]+(?:\/[\w.-]+)?$/.test(text)),
      'a list of logins and teams',
    ),
    [],
    'Who is asked to review a new pull request: logins, and teams as org/team.',
  ),
  assignees: setting(
    z.array(
      line('a login', (text) => /^[\w.-]+$/.test(text)),
      'a list of logins',
    ),
    [],
    'Who is assigned to a new pull request.',
  ),
  rounds: setting(
    integer(0, 100),
    3,
    'With follow: how many rounds in a row red checks may begin; then it waits for a person. A review by someone with write access begins one in any case.',
  ),
});
