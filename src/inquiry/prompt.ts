import { join } from 'node:path';
import { agentSettings } from '../compose/agents.ts';
import type { Environment } from '../compose/log.ts';
import type { Lookout } from '../compose/lookout.ts';
import { policyOf } from '../compose/policy-of.ts';
import { type WouldTell, wouldTell } from '../compose/prompt/would-tell.ts';
import type { AgentOf } from '../core/agent/abilities.ts';
import { agentCalled, canGoOn } from '../core/agent/which.ts';
import { NEW_FLEET } from '../core/model/fleet.ts';
import type { Issue } from '../core/model/forge.ts';
import type { Ms } from '../core/model/seen.ts';
import { branchOf, issueNumber, type Task, type TaskId, unknownTask } from '../core/model/task.ts';
import { agentNow } from '../core/route/agent-now.ts';
import { pathsIn } from '../core/route/paths-in.ts';
import type { Policy } from '../core/tick/policy.ts';
import type { Project } from '../place/project.ts';

export interface FoundPrompt extends WouldTell {
  readonly agent: AgentOf;
  readonly attempt: number;
  /** It goes on in an earlier conversation, and is told this alone. */
  readonly goesOn: boolean;
}

/**
 * What the agent of a task would be told if a run began now; `named`: by this agent, else by the one that the routes choose. Null: there is no such
 * task; 'agent': no agent of that name.
 */
export async function lookPrompt(
  lookout: Lookout,
  project: Project,
  id: TaskId,
  named: string | null,
  env: Environment,
  now: Ms,
): Promise<FoundPrompt | 'agent' | null> {
  const { store, forge } = lookout;
  const policy = policyOf(project.settings);
  const issue = await issueOf(lookout, id);
  const known = store.task(id) ?? (issue === null ? null : madeOf(issue, id, policy));
  if (known === null || (forge !== null && issueNumber(id) !== null && issue === null)) return null;
  const task = issue === null ? known : { ...known, title: issue.title, labels: issue.labels, paths: pathsIn(issue.body) };
  const agent =
    named === null
      ? agentNow({ fleet: store.fact('fleet') ?? NEW_FLEET, today: dayOf(now) }, policy, task, now)
      : agentCalled(policy, named);
  if (agent === null) return 'agent';
  const before = store.runsOf(id).at(-1);
  const waiting = task.state === 'pending' ? task.resume : null;
  const resumes = waiting !== null && canGoOn(waiting, before?.agent, agent) ? waiting : null;
  const letters = store.fact('fleet')?.letters?.[id] ?? [];
  const run = {
    attempt: task.state === 'pending' || task.state === 'active' ? task.attempts + 1 : 1,
    agent,
    resumes,
    tells: letters.map((letter) => ({ ...letter, via: 'prompt' as const, saidAt: null })),
  };
  const begun: Task = { ...task, state: 'active', run: 'w-000000', startedAt: now, last: lastOf(task) };
  const worktree = join(project.root, project.settings.worktrees.dir, id);
  const settings = agentSettings(project, project.settings, lookout.base(), env, false, agent.profile);
  const told = await wouldTell(settings, { task: begun, run, issue, worktree });
  return { ...told, agent, attempt: run.attempt, goesOn: told.parts === null };
}

/** With what was said under it. */
async function issueOf({ forge }: Lookout, id: TaskId): Promise<Issue | null> {
  const number = issueNumber(id);
  if (forge === null || number === null) return null;
  const signal = AbortSignal.timeout(30_000);
  const issue = await forge.issue(number, signal);
  return issue === null ? null : { ...issue, said: await forge.discussion(number, signal) };
}

const madeOf = ({ title, labels }: Issue, id: TaskId, { branchPrefix, branchName = '{task}' }: Policy): Task => ({
  ...unknownTask(id, branchPrefix),
  branch: branchOf(branchPrefix, branchName, id, title),
  title,
  labels,
  armedBy: 'label',
});

/** What the attempt before met. */
const lastOf = (task: Task): Extract<Task, { state: 'active' }>['last'] =>
  task.state === 'pending' || task.state === 'active' ? task.last : task.state === 'failed' ? task.failure : null;

/** The day that this moment is in, by the machine's clock. */
function dayOf(now: Ms): { readonly start: Ms; readonly end: Ms } {
  const start = new Date(now).setHours(0, 0, 0, 0);
  return { start, end: new Date(start + 27 * 60 * 60_000).setHours(0, 0, 0, 0) };
}
