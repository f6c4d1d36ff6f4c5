import type { Run } from '../../core/model/run.ts';
import type { AgentSettings } from '../ground/settings.ts';
import { claudeProgram } from './abilities.ts';
import { TOOLS } from './argv.ts';

/** What the worker may, the session may without asking; for anything else the person is there. By settings: the names of modes on the command line change. */
const PERMISSIONS = JSON.stringify({ permissions: { defaultMode: 'default', allow: TOOLS } });

/**
 * Claude asks whether it may trust a folder that it has not been in, and by default leaves: every task has a worktree of its own, which its worker has
 * worked in already. What stands there that would run by itself stays off as it does for the worker: only the person's own settings are read.
 */
export const SESSION_VARIABLES = { CLAUDE_CODE_SANDBOXED: '1' };

/** Claude's interactive mode on a conversation: without our limits, and without our hooks, which would deny every tool after a stop. */
export function sessionArgv(settings: AgentSettings, run: Run, conversation: string): [string, ...string[]] {
  const [program = claudeProgram, ...before] = settings.command;
  const model = run.agent.model ?? settings.model;
  return [
    program,
    ...before,
    ...['--resume', conversation],
    ...(settings.repoSettings ? [] : ['--setting-sources', 'user']),
    ...['--settings', PERMISSIONS],
    ...(model === null ? [] : ['--model', model]),
  ];
}
