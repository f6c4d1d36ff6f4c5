import { join } from 'node:path';
import { loginPrint } from '../../agents/ground/logins.ts';
import type { AgentSettings } from '../../agents/ground/settings.ts';
import { LOGIN_FILES } from '../../agents/kinds.ts';
import type { Run, StreamFacts } from '../../core/model/run.ts';
import { PortError } from '../../engine/ports/error.ts';
import type { Agents } from '../../engine/ports/machine/agents.ts';
import { createFollow, type Follow } from '../../transcript/facts/follow-facts.ts';
import { LogError } from '../../transcript/read/read.ts';

/** Where a run's stream goes. */
export const logOf = (root: string, run: Run): string => join(root, 'logs', `${run.task}.${run.id}.jsonl`);

/**
 * What a look at runs needs of their agents, without what a launch takes: commands that only look do not load that. `settings` is asked anew
 * each time, as the configuration is re-read while running.
 */
export function createListening(settings: () => AgentSettings): Pick<Agents, 'follow' | 'logins'> {
  const follow = createFollow();
  let place: string | null = null;
  /** The one thing about them that never changes. */
  const root = (): string => {
    place ??= settings().root;
    return place;
  };
  return {
    follow: (run, now) => followRun(follow, root(), run, now),
    logins: () => loginPrint(settings(), LOGIN_FILES),
  };
}

async function followRun(follow: Follow, root: string, run: Run, now: number): Promise<StreamFacts> {
  try {
    return await follow(logOf(root, run), run.stream, now);
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    // Before the agent's process has opened it, there is no log: nothing is lost and nothing is said yet.
    if (error.kind === 'vanished' && run.stream.offset === 0) return run.stream;
    throw new PortError(error.kind === 'unreadable' ? 'retryable' : 'unknown', error.message, {
      hint: 'The run goes on, and its worktree shows what it does. Do not edit or remove the logs of running workers.',
      cause: error,
    });
  }
}
