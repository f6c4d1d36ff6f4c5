import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import type { TaskId } from '../../core/model/task.ts';
import { ownFile, ownProgram } from '../../place/own-files.ts';
import { PRICES } from '../agent/voice.ts';
import { FATES, type Fate, type FateName } from '../ground/fates.ts';
import type { DemoFolder } from '../ground/folder.ts';
import type { Git } from '../ground/git.ts';
import { COMMITS, type FirstCommit } from '../ground/widgets.ts';
import { type DemoForge, LABEL, PEOPLE, REPO } from './forge.ts';
import { POSTGRES_VARIABLE } from './runners.ts';

/** How fast the demo's tac8 is told to be; the judge counts with the same numbers. */
export const SETTINGS = { slots: 3, pollMs: 400, stopMs: { tool: 500, interrupt: 600, terminate: 600, kill: 2000 } } as const;
export const BRANCH_PREFIX = 'auto/';

const ms = (value: number): string => `${value}ms`;

/** The names that reach the real Claude Code besides the base list. */
export const CLAUDE_VARIABLES = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_BASE_URL', 'CLAUDE_CODE_OAUTH_TOKEN'];

export interface AgentChoice {
  readonly command: readonly [string, ...string[]];
  readonly scripted: boolean;
}

/** The agent's command line: of this very program, by the Node that runs it. */
export function scriptedAgent(folder: DemoFolder, speed: number, sabotage: string | null): AgentChoice {
  const program = ownProgram('demo/agent');
  const command = [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    program,
    '--journal',
    folder.agents,
    '--speed',
    String(speed),
  ] as const;
  return { scripted: true, command: sabotage === null ? [...command] : [...command, '--sabotage', sabotage] };
}

/** What the scripted agent is made of, in sources and as it is built. */
const OWN = ['src', 'dist', 'node_modules', 'package.json'].map(ownFile);

/** The demo's tac8.yaml. */
export function configOf(forge: DemoForge, agent: AgentChoice, journals: string, isBoxed: boolean, hasMachines = false): string {
  const scripted = agent.scripted;
  const document = {
    repo: REPO,
    label: LABEL,
    poll_interval: ms(SETTINGS.pollMs),
    max_concurrent_workers: SETTINGS.slots,
    branch_prefix: BRANCH_PREFIX,
    github: { api_url: forge.url },
    agent: {
      kind: 'claude',
      command: agent.command,
      env: ['DEMO_MARK', ...(scripted ? [] : CLAUDE_VARIABLES)],
      ...(scripted && { prices: PRICES }),
    },
    limits: {
      run_time: scripted ? '75s' : '10m',
      silence: scripted ? '30s' : '5m',
      first_event: scripted ? '20s' : '60s',
      retry_delay: '1s',
      min_free_memory: '64MiB',
      min_free_disk: '64MiB',
    },
    stop: {
      tool: ms(SETTINGS.stopMs.tool),
      interrupt: ms(SETTINGS.stopMs.interrupt),
      terminate: ms(SETTINGS.stopMs.terminate),
      kill: ms(SETTINGS.stopMs.kill),
    },
    pulls: { verify: './check.sh' },
    sandbox: isBoxed ? { kind: 'bwrap', profile: { read: OWN, write: [journals] } } : { kind: 'none' },
    http: { port: 0 },
    ...(hasMachines ? { machines: { postgres_env: POSTGRES_VARIABLE }, base_branch: 'main' } : {}),
  };
  return `# Written by \`tac8 demo\`: everything is quicker than one would have it in earnest.\n${stringify(document, { lineWidth: 140 })}`;
}

/** The repository with its first commits, before there is a forge. */
export async function makeRepository(root: string, git: Git): Promise<void> {
  await git(root, ['init', '--quiet', '--initial-branch=main', '.']);
  await git(root, ['config', 'user.name', 'Mara Lind']);
  await git(root, ['config', 'user.email', 'mara@widgets.test']);
  for (const commit of COMMITS) await addCommit(root, git, commit);
}

async function addCommit(root: string, git: Git, { author, message, files }: FirstCommit): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode: path.endsWith('.sh') ? 0o755 : 0o644 });
  }
  await git(root, ['add', '--all']);
  await git(root, ['commit', '--quiet', `--author=${author}`, '-m', message]);
}

/** Tells tac8 of the forge (a last commit), and has the maintainer push it all over HTTP. */
export async function connectRepository(root: string, forge: DemoForge, git: Git, config: string, token: string): Promise<void> {
  const files = { 'tac8.yaml': config };
  await addCommit(root, git, { author: 'Mara Lind <mara@widgets.test>', message: 'Let tac8 work here', files });
  await git(root, ['remote', 'add', 'origin', forge.cloneUrl]);
  const login = Buffer.from(`${PEOPLE.maintainer}:${token}`).toString('base64');
  await git(root, ['-c', `http.extraHeader=Authorization: Basic ${login}`, 'push', '--quiet', '--set-upstream', 'origin', 'main']);
}

export interface Tokens {
  readonly maintainer: string;
  readonly bot: string;
}

export async function addPeople(forge: DemoForge): Promise<Tokens> {
  const add = async (login: string, role: string): Promise<string> => {
    const answer = (await forge.act('POST', 'users', { login, role })) as { token: string };
    return answer.token;
  };
  await add(PEOPLE.outsider, 'read');
  return { maintainer: await add(PEOPLE.maintainer, 'maintain'), bot: await add(PEOPLE.bot, 'write') };
}

/** Files the issues and has them labelled: by the maintainer's hand, or by an issue form that anybody may fill in. */
export async function fileIssues(forge: DemoForge, fates: readonly Fate[]): Promise<ReadonlyMap<FateName, TaskId>> {
  const tasks = new Map<FateName, TaskId>();
  for (const fate of fates) {
    if (fate.body === null) {
      tasks.set(fate.name, 'local-1');
      continue;
    }
    const outsider = fate.labelledBy === 'outsider';
    const issue = { as: outsider ? PEOPLE.outsider : PEOPLE.maintainer, title: fate.title, body: fate.body };
    const form = outsider ? { form: true, labels: [LABEL] } : {};
    const { number } = (await forge.act('POST', 'issues', { ...issue, ...form })) as { number: number };
    if (!outsider) await forge.act('POST', `issues/${number}/labels`, { as: PEOPLE.maintainer, label: LABEL });
    tasks.set(fate.name, `gh-${number}`);
  }
  return tasks;
}

export const fatesFor = (scripted: boolean): readonly Fate[] => FATES.filter((fate) => scripted || !fate.scriptedOnly);
