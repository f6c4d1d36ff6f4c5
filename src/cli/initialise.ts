import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_TEMPLATE } from '../adapters/agents/prompt.ts';
import { apiUrlFor, parseRemote } from '../adapters/github/remote.ts';
import { originUrl } from '../origin.ts';
import { openProject } from '../project.ts';
import { paint } from './style.ts';

/** Writes what is missing, touches nothing that is there, and says what to do next. */
export async function initialise(from: string): Promise<void> {
  const project = await openProject(from, process.env);
  const remote = parseRemote(originUrl(project.gitDir) ?? '');
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
  process.stdout.write(nextSteps(remote === null ? null : `${remote.owner}/${remote.name}`, readLabel(project.root)));
}

function configText(remote: ReturnType<typeof parseRemote>): string {
  const apiUrl = remote === null ? 'https://api.github.com' : apiUrlFor(remote.host);
  const repo =
    remote === null
      ? '# repo: owner/name            # no GitHub remote found: tasks of tasks.md only'
      : `repo: ${remote.owner}/${remote.name}`;
  const github = apiUrl === 'https://api.github.com' ? '' : `github: { api_url: ${apiUrl} }\n`;
  return `# Every setting has a default. docs/settings.md and schema/tac8.schema.json of tac8 list them.
${repo}
${github}label: rpi-auto                # issues with this label are worked on
max_concurrent_workers: 3
agent:
  kind: claude
  env: [ANTHROPIC_API_KEY]     # names passed on to the agent besides the base list
pulls: { draft: true }         # verify: ./scripts/check.sh runs before a pull is opened
`;
}

const readLabel = (root: string): string => /^label:\s*(\S+)/m.exec(readFileSync(join(root, 'tac8.yaml'), 'utf8'))?.[1] ?? 'rpi-auto';

function nextSteps(repo: string | null, label: string): string {
  const issues =
    repo === null
      ? 'write a line under "## Pending" in tasks.md, such as `[] Tidy the examples folder`'
      : `put the label ${label} on an issue of ${repo}`;
  const token = repo === null ? '' : 'export GITHUB_TOKEN=… (issues, pull requests and contents: read and write), or `gh auth login`; ';
  return `
Next:
  1. ${token}${repo === null ? 'l' : 'and l'}og Claude Code in, or export ANTHROPIC_API_KEY=…
  2. tac8 doctor               whether all is there, and what to do where it is not
  3. ${issues}
  4. tac8 start --dry-run      what it would do, and why
  5. tac8 start                work until Ctrl-C; \`tac8 service install\` keeps it running
`;
}
