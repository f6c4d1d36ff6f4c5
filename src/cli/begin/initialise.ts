import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_KIND } from '../../agents/at-first.ts';
import { DEFAULT_TEMPLATE } from '../../agents/ground/prompt-parts.ts';
import { kindOf } from '../../agents/kinds.ts';
import { addressOfOrigin } from '../../compose/forge-address.ts';
import { meaningNow } from '../../compose/remote/meaning.ts';
import { refuseLayout } from '../../doctor/project/refuse-layout.ts';
import { readPlainSync } from '../../files/open-plain.ts';
import { openProject } from '../../place/project.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { paint } from '../ground/style.ts';

interface InitOptions {
  readonly app?: true;
  readonly org?: string;
  readonly webhook?: string;
}

/** Writes what is missing, touches nothing that is there, and says what to do next. */
export async function initialise(from: string, { app, org, webhook }: InitOptions): Promise<void> {
  if (app === undefined && (org ?? webhook) !== undefined)
    throw new Exit(EXIT.usage, `${org === undefined ? '--webhook' : '--org'} goes with --app alone`, 'Add --app.');
  if (webhook !== undefined && !/^https?:$/.test(URL.parse(webhook)?.protocol ?? ''))
    throw new Exit(EXIT.usage, `${JSON.stringify(webhook)} is not a web address`, 'It looks like https://YOUR-NAME/webhooks/github.');
  const project = await openProject(from, process.env);
  await refuseLayout(project);
  const remote = addressOfOrigin((await meaningNow(project, process.env)).origin);
  const files: readonly [string, string][] = [
    ['tac8.yaml', configText(remote)],
    ['worker_template.md', DEFAULT_TEMPLATE],
  ];
  for (const [name, text] of files) {
    const path = join(project.root, name);
    if (existsSync(path)) process.stdout.write(`${paint('dim', 'kept   ')} ${name}\n`);
    else {
      writeFileSync(path, text, { flag: 'wx' });
      process.stdout.write(`${paint('green', 'written')} ${name}\n`);
    }
  }
  if (app === true) await (await import('../browse/make-app.ts')).makeApp(from, { organisation: org ?? null, webhook: webhook ?? null });
  process.stdout.write(nextSteps(remote?.repo ?? null, readLabel(project.root), app === true));
}

const agent = kindOf({ kind: DEFAULT_KIND });

function configText(remote: ReturnType<typeof addressOfOrigin>): string {
  const apiUrl = remote?.apiUrl ?? 'https://api.github.com';
  const repo = remote === null ? '# repo: owner/name            # no GitHub remote found: tasks of tasks.md only' : `repo: ${remote.repo}`;
  const address = apiUrl === 'https://api.github.com' ? '' : `  api_url: ${apiUrl}\n`;
  const github =
    remote === null
      ? ''
      : `github:
${address}  orders: true                 # /tac8 stop, retry, why … in a comment, and answers to questions, by people with write access
  status_comment: true         # one comment for each task tells how it stands
  claim: auto                  # of several daemons on several machines one alone works on an issue
`;
  return `# Every setting has a default. docs/settings.md and schema/tac8.schema.json of tac8 list them.
${repo}
${github}label: rpi-auto                # issues with this label are worked on
max_concurrent_workers: 3
sandbox: { kind: auto }        # workers see their worktree and reach the hosts of the profile; \`tac8 sandbox show\`
agent:
  kind: ${DEFAULT_KIND}
  env: [${agent.written.env.join(', ')}]     # names passed on to the agent besides the base list
pulls:
  draft: true
  follow: true                 # red checks, reviews and conflicts go back to the agent, until the pull is merged or closed
  # verify: ./scripts/check.sh   # runs before a pull is opened
`;
}

const readLabel = (root: string): string => /^label:\s*(\S+)/m.exec(readPlainSync(join(root, 'tac8.yaml'), 1 << 20))?.[1] ?? 'rpi-auto';

function nextSteps(repo: string | null, label: string, isApp: boolean): string {
  const issues =
    repo === null
      ? 'write a line under "## Pending" in tasks.md, such as `[] Tidy the examples folder`'
      : `put the label ${label} on an issue of ${repo}`;
  const token =
    repo === null || isApp ? '' : 'export GITHUB_TOKEN=… (issues, pull requests and contents: read and write), or `gh auth login`; ';
  return `
Next:
  1. ${token}${token === '' ? '' : 'and '}${agent.health.logIn}
  2. tac8 doctor               whether all is there, and what to do where it is not
  3. ${issues}
  4. tac8 start --dry-run      what it would do, and why
  5. tac8 start                work until Ctrl-C; \`tac8 service install\` keeps it running
`;
}
