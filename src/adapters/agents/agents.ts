import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Run, StreamFacts } from '../../core/run.ts';
import type { Task } from '../../core/task.ts';
import { type Agents, type Issue, type Launch, PortError } from '../../engine/ports.ts';
import { followLog } from '../../transcript/follow-facts.ts';
import { LogError } from '../../transcript/read.ts';
import { claudeArgv, claudeInterrupt, claudeMessage } from './claude.ts';
import { commandArgv } from './command.ts';
import { environmentOf, homeOf, makeHome } from './environment.ts';
import { loginPrint } from './logins.ts';
import { promptVariables, readTemplate, render } from './prompt.ts';
import type { AgentSettings } from './settings.ts';
import { raiseStopFlag, writeStopHooks } from './stop-hooks.ts';
import { writeWhole } from './write-whole.ts';

/** Where a run's stream and its stderr go, and its own folder. */
export const logOf = (root: string, run: Run): string => join(root, 'logs', `${run.task}.${run.id}.jsonl`);
export const stderrOf = (root: string, run: Run): string => join(root, 'logs', `${run.task}.${run.id}.stderr.log`);
export const folderOf = (root: string, run: Run): string => join(root, '.tac8', 'runs', run.id);

/** The port, and what claude can do besides. */
export interface SteerableAgents extends Agents {
  /** From now on the agent begins no further tool in this run; the one in hand may end. Nothing for an agent without hooks. */
  forbidTools(run: Run): Promise<void>;
  /** The line for its stdin that tells it something, acknowledged in its stream by `uuid`; null for an agent that cannot be told anything. */
  message(run: Run, text: string, uuid: string): string | null;
}

/** The agents that tac8 can launch. `settings` is asked anew for each run, as the configuration is re-read while running. */
export function createAgents(settings: () => AgentSettings): SteerableAgents {
  return {
    prepare: (task, run, issue, workspace) => prepare(settings(), task, run, issue, workspace.path),
    follow: (run) => follow(settings().root, run),
    logins: () => loginPrint(settings()),
    interrupt: (run) => (run.agent.kind === 'claude' ? claudeInterrupt() : null),
    forbidTools: async (run) => {
      if (run.agent.kind === 'claude') await raiseStopFlag(folderOf(settings().root, run));
    },
    message: (run, text, uuid) => (run.agent.kind === 'claude' ? claudeMessage(text, uuid) : null),
  };
}

async function prepare(settings: AgentSettings, task: Task, run: Run, issue: Issue | null, worktree: string): Promise<Launch> {
  const prompt = await promptOf(settings, task, run, issue, worktree);
  const folder = folderOf(settings.root, run);
  const promptFile = join(folder, 'prompt.md');
  const home = homeOf(settings.root, task.id);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await makeHome(settings, home);
  await writeWhole(promptFile, prompt);
  const claude = run.agent.kind === 'claude';
  const hooks = claude ? await writeStopHooks(folder, worktree) : '';
  return {
    run: run.id,
    task: task.id,
    argv: claude ? claudeArgv(withRest(settings, task), run, hooks) : commandArgv(settings, { task, run, prompt, promptFile, worktree }),
    env: environmentOf(settings, task.id, home),
    cwd: worktree,
    stdin: claude ? { kind: 'fifo', prompt: claudeMessage(prompt) } : { kind: 'file', prompt },
    log: logOf(settings.root, run),
    stderr: stderrOf(settings.root, run),
  };
}

/** Of the task's dollars what its earlier runs have left; the last of them keep a run that is meant to end soon from beginning with none. */
function withRest(settings: AgentSettings, { spent }: Task): AgentSettings {
  const { usdPerTask } = settings.limits;
  if (usdPerTask === null || spent === undefined) return settings;
  const rest = Math.max(0.01, Number((usdPerTask - spent.usd).toFixed(4)));
  return { ...settings, limits: { ...settings.limits, usdPerTask: rest } };
}

/** What persons said while no agent could be told comes with the first message. */
async function promptOf(settings: AgentSettings, task: Task, run: Run, issue: Issue | null, worktree: string): Promise<string> {
  const told = (run.tells ?? []).filter(({ via }) => via === 'prompt').map(({ text }) => `\n\nA person adds:\n${text}`);
  return `${await taskOf(settings, task, run, issue, worktree)}${told.join('')}`;
}

/** A run that goes on where another ended is told what to do next; the task itself stands in the conversation. */
async function taskOf(settings: AgentSettings, task: Task, run: Run, issue: Issue | null, worktree: string): Promise<string> {
  if (run.resumes !== null && run.agent.kind === 'claude') return run.resumes.message;
  const previousFailure = task.state === 'active' && task.last !== null ? `${task.last.type}: ${task.last.message}` : null;
  const variables = promptVariables(task, run, issue, { worktree, baseBranch: settings.baseBranch, previousFailure });
  return render(await readTemplate(settings.template), variables, 'worker_template.md');
}

async function follow(root: string, run: Run): Promise<StreamFacts> {
  try {
    return await followLog(logOf(root, run), run.stream, Date.now());
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    // Before the agent's process has opened it, there is no log: nothing is lost and nothing is said yet.
    if (error.kind === 'vanished' && run.stream.offset === 0) return run.stream;
    throw new PortError(error.kind === 'unreadable' ? 'retryable' : 'unknown', error.message, {
      hint: 'The run goes on; what it does can be seen in its worktree. Do not edit or remove the logs of running workers.',
      cause: error,
    });
  }
}
