import type { Run } from '../core/model/run.ts';
import type { TaskId } from '../core/model/task.ts';
import type { AgentSettings } from './ground/settings.ts';
import { kindCalled } from './kinds.ts';
import { makeSurroundings } from './surroundings.ts';

/** How a person's own session with the agent is started. */
export interface Attachment {
  readonly argv: readonly [string, ...string[]];
  /** The whole environment: the worker's, but for the run's marker, and what the agent's kind adds. */
  readonly env: Readonly<Record<string, string>>;
  /** Names in `agent.env` that this shell does not have; the worker may have them from the daemon's. */
  readonly missing: readonly string[];
}

/** The conversation of a run, or null where the agent never named one. */
export const conversationOf = (run: Run): string | null => run.stream.session ?? (run.resumes === null ? null : run.session);

/** The agent's interactive mode on a conversation; null: it has none. Makes the task's home, as for a worker. */
export async function attachment(settings: AgentSettings, task: TaskId, run: Run, conversation: string): Promise<Attachment | null> {
  const kind = kindCalled(run.agent.kind);
  if (kind?.session === undefined) return null;
  return {
    argv: kind.session(settings, run, conversation),
    env: { ...(await makeSurroundings(kind, settings, task)), ...kind.sessionVariables },
    missing: settings.env.filter((name) => settings.machine[name] === undefined),
  };
}
