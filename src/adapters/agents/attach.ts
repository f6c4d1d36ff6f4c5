import type { Run } from '../../core/run.ts';
import type { TaskId } from '../../core/task.ts';
import { TOOLS } from './claude.ts';
import { environmentOf, homeOf, makeHome } from './environment.ts';
import type { AgentSettings } from './settings.ts';

/** How a person's own session with the agent is started. */
export interface Attachment {
  readonly argv: readonly [string, ...string[]];
  /** The whole environment: the worker's, but for the run's marker. */
  readonly env: Readonly<Record<string, string>>;
  /** Names in `agent.env` that this shell does not have; the worker may have them from the daemon's. */
  readonly missing: readonly string[];
}

/** The conversation of a run, or null where the agent never named one. */
export const conversationOf = (run: Run): string | null => run.stream.session ?? (run.resumes === null ? null : run.session);

/** What the worker may, the session may without asking; for anything else the person is there. By settings: the names of modes on the command line change. */
const PERMISSIONS = JSON.stringify({ permissions: { defaultMode: 'default', allow: TOOLS } });

/** Claude's interactive mode on a conversation: without our limits, and without our hooks, which would deny every tool after a stop. Makes the task's home, as for a worker. */
export async function attachment(settings: AgentSettings, task: TaskId, run: Run, session: string): Promise<Attachment> {
  const home = homeOf(settings.root, task);
  await makeHome(settings, home);
  const [program = 'claude', ...before] = settings.command;
  const model = run.agent.model ?? settings.model;
  return {
    argv: [
      program,
      ...before,
      ...['--resume', session],
      ...(settings.repoSettings ? [] : ['--setting-sources', 'user']),
      ...['--settings', PERMISSIONS],
      ...(model === null ? [] : ['--model', model]),
    ],
    env: environmentOf(settings, task, home),
    missing: settings.env.filter((name) => settings.machine[name] === undefined),
  };
}
