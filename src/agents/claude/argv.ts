import { randomUUID } from 'node:crypto';
import type { Run } from '../../core/model/run.ts';
import type { AgentSettings } from '../ground/settings.ts';
import { claudeProgram } from './abilities.ts';

/** Run where tac8.yaml names no program. */
/** What a worker needs where "allow everything" is refused: claude takes no bypass from root. */
export const TOOLS = [
  'Bash',
  'Read',
  'Write',
  'Edit',
  'NotebookEdit',
  'Glob',
  'Grep',
  'Task',
  'Agent',
  'Skill',
  'TodoWrite',
  'ToolSearch',
  'WebFetch',
  'WebSearch',
  'Monitor',
  'TaskCreate',
  'TaskGet',
  'TaskList',
  'TaskStop',
  'TaskUpdate',
];

/** Claude's command line for a run. Pure. Nothing of the issue's text is in it. `hooks`, `servers`: files made for the run. */
export function claudeArgv(settings: AgentSettings, run: Run, hooks: string, servers: string | null = null): [string, ...string[]] {
  const [program = claudeProgram, ...before] = settings.command;
  const model = run.agent.model ?? settings.model;
  const { turns, usdPerTask } = settings.limits;
  return [
    program,
    ...before,
    '-p',
    '--verbose',
    ...['--input-format', 'stream-json', '--output-format', 'stream-json'],
    // What each reply comes to is stated in its pieces alone, and a run that is killed never says a sum.
    '--include-partial-messages',
    // What it is told stands in its log, where its answers are.
    '--replay-user-messages',
    ...(run.resumes === null ? ['--session-id', run.session] : ['--resume', run.session]),
    // The conversation's title, and what `ps` and `pkill -f gh-450` find.
    ...['--name', `${run.task} ${run.id}`],
    // The repository's own settings may hold hooks, which would run without anyone being asked.
    ...(settings.repoSettings ? [] : ['--setting-sources', 'user']),
    // Ours, by which the run is stopped between two tools.
    ...['--settings', hooks],
    ...(servers === null ? [] : [`--mcp-config=${servers}`]),
    ...permissions(settings),
    ...(model === null ? [] : ['--model', model]),
    ...(settings.effort == null ? [] : ['--effort', settings.effort]),
    ...(turns === null ? [] : ['--max-turns', String(turns)]),
    ...(usdPerTask === null ? [] : ['--max-budget-usd', String(usdPerTask)]),
    ...settings.args,
  ];
}

function permissions({ permissionMode, isRoot, mcp = {} }: AgentSettings): string[] {
  const mode = permissionMode ?? 'bypassPermissions';
  if (!isRoot || mode !== 'bypassPermissions') return ['--permission-mode', mode];
  // One argument with commas: the flag would swallow every word that follows it.
  return ['--permission-mode', 'dontAsk', `--allowedTools=${[...TOOLS, ...Object.keys(mcp).map((name) => `mcp__${name}`)].join(',')}`];
}

/** A message to the agent as a line for its stdin. One that has a name is acknowledged by it, and taken only once. */
export const claudeMessage = (text: string, uuid?: string): string =>
  `${JSON.stringify({ type: 'user', message: { role: 'user', content: [{ type: 'text', text }] }, ...(uuid === undefined ? {} : { uuid }) })}\n`;

/** Asks it to end its turn; it stays for the next message. */
export const claudeInterrupt = (): string =>
  `${JSON.stringify({ type: 'control_request', request_id: randomUUID(), request: { subtype: 'interrupt' } })}\n`;
