import { homedir } from 'node:os';
import { join } from 'node:path';
import { personsAuthor } from '../adapters/git/call/persons-author.ts';
import { variablesOf } from '../agents/ground/mcp.ts';
import type { AgentSettings } from '../agents/ground/settings.ts';
import type { Settings } from '../config/settings.ts';
import { PortError } from '../engine/ports/error.ts';
import { headBranch } from '../place/origin.ts';
import { ownProgram } from '../place/own-files.ts';
import type { Project } from '../place/project.ts';
import type { Environment } from './log.ts';

/** So long may an agent try to reach a provider that does not answer; then the fleet backs off, and the slot is free. */
const PATIENCE = 60_000;

/** What the agents' adapter is told. */
export function agentSettings(
  { root, gitDir }: Pick<Project, 'root' | 'gitDir'>,
  settings: Settings,
  base: string | null,
  env: Environment,
  boxed = false,
  profile?: string,
): AgentSettings {
  const agent = profile === undefined ? settings.agent : settings.agents[profile];
  if (agent === undefined)
    throw new PortError('terminal', `tac8.yaml has no agent called ${profile ?? ''}`, {
      hint: 'Write it under agents again, or retry the task with another: tac8 retry N --agent NAME.',
    });
  return {
    root,
    kind: agent.kind,
    command: agent.command,
    client: [process.execPath, ownProgram('client/main')],
    patience: Math.min(settings.limits.silence / 2, PATIENCE),
    model: agent.model,
    effort: agent.effort,
    env: [...new Set([...agent.env, ...variablesOf(agent.mcp)])],
    mcp: agent.mcp,
    others: Object.values(settings.agents).flatMap((other) => [...other.env, ...variablesOf(other.mcp)]),
    prices: agent.prices,
    repoSettings: agent.repoSettings,
    permissionMode: null,
    args: [],
    limits: { turns: agent.limits.turns ?? settings.limits.turns, usdPerTask: agent.limits.usdPerTask ?? settings.limits.usdPerTask },
    verify: settings.pulls.verify,
    baseBranch: settings.baseBranch ?? base ?? headBranch(gitDir),
    template: join(root, 'worker_template.md'),
    author: () => authorOf(settings.git.author),
    machine: env,
    home: env.HOME ?? homedir(),
    caches: settings.worktrees.cache,
    // Inside, nobody is root.
    isRoot: !boxed && process.getuid?.() === 0,
    boxed,
  };
}

/** Whose name stands on what workers commit: as set, else the person's whose git this is. */
async function authorOf(set: string | null): Promise<{ readonly name: string; readonly email: string }> {
  const [, name, email] = /^(.+) <(.+)>$/.exec(set ?? '') ?? [];
  if (name !== undefined && email !== undefined) return { name, email };
  return (await personsAuthor()) ?? { name: 'tac8', email: 'tac8@localhost' };
}
