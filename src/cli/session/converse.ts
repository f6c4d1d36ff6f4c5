import { attachment } from '../../agents/attach.ts';
import { agentSettings } from '../../compose/agents.ts';
import { enterSandbox, sandboxFor } from '../../compose/sandbox/entrance.ts';
import type { Run } from '../../core/model/run.ts';
import type { TaskId } from '../../core/model/task.ts';
import type { Project } from '../../place/project.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { runInTerminal } from '../ground/run-in-terminal.ts';
import { paint } from '../ground/style.ts';

/** A conversation that a person opens, on the machine where it is. */
export interface Opening {
  readonly project: Project;
  readonly task: TaskId;
  readonly run: Run;
  readonly session: string;
  readonly worktree: string;
  /** The base branch, where it is known. */
  readonly base: string | null;
  /** What is said when the session did not end as a person leaves it. */
  readonly stays: string;
  readonly hint: string;
}

export const closed = (id: TaskId): Exit =>
  new Exit(EXIT.refused, `the agent of ${id} has no conversation that a person could open`, `\`tac8 view ${id}\` shows what it said.`);

/** How a program says that a person left it by Ctrl-C. */
const LEFT_BY_CTRL_C = 130;

/** Opens the agent's own screen on the conversation, and waits until the person has left it. */
export async function openSession({ project, task, run, session, worktree, base, stays, hint }: Opening): Promise<void> {
  const sandbox = sandboxFor(project, process.env);
  const settings = agentSettings(project, project.settings, base, process.env, sandbox !== null, run.agent.profile);
  const opened = await attachment(settings, task, run, session);
  if (opened === null) throw closed(task);
  const { argv, env, missing } = opened;
  if (missing.length > 0) process.stdout.write(`${paint('yellow', `not set in this shell: ${missing.join(', ')} (agent.env)`)}\n`);
  const ofAgent = { ...(run.agent.profile !== undefined && { profile: run.agent.profile }), servers: settings.mcp };
  const entrance = sandbox === null ? null : await enterSandbox(project, sandbox, { task, ...ofAgent, argv, env, cwd: worktree }, false);
  const end = await runInTerminal(entrance?.argv ?? argv, { cwd: worktree, env: entrance?.env ?? env, files: entrance?.files ?? [] })
    .catch((error: Error) => {
      throw new Exit(EXIT.failed, `${argv[0]} cannot be started: ${error.message}; ${stays}`, hint);
    })
    .finally(() => entrance?.close());
  if (end.signal !== null) throw new Exit(EXIT.failed, `the session was ended by ${end.signal}: ${stays}`, hint);
  // It may have ended before it opened: nobody said a word to it then, and only the person knows.
  if (end.code !== 0 && end.code !== LEFT_BY_CTRL_C) throw new Exit(EXIT.failed, `${argv[0]} ended with ${end.code}: ${stays}`, hint);
}
