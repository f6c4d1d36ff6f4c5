import { issueNumber } from '../../core/task.ts';
import { NOTHING, type Result, result } from '../apply.ts';
import type { Context } from '../context.ts';
import { type Issue, PortError } from '../ports.ts';
import type { Subject } from './index.ts';

/** Writes the prompt and starts the agent, at most once per run however often this is repeated. */
export async function launch(context: Context, { task, run }: Subject, signal: AbortSignal): Promise<Result> {
  const { ports } = context;
  if (run.state !== 'starting') return NOTHING;
  const issue = await issueOf(context, task.id, signal);
  try {
    const workspace = { path: ports.workspaces.pathOf(task.id), baseCommit: run.baseCommit };
    const plan = await ports.agents.prepare(task, run, issue, workspace);
    await ports.runLog.append(run, {
      type: 'tac8',
      event: 'run_started',
      run: run.id,
      task: task.id,
      attempt: run.attempt,
      resumes: run.resumes?.run ?? null,
    });
    const process = await ports.workers.launch(plan);
    return result({ kind: 'launched', process, at: ports.clock.now() }, `pid ${process.pid}`, { workers_launched: 1 });
  } catch (error) {
    if (!(error instanceof PortError) || error.sort !== 'terminal') throw error;
    const at = ports.clock.now();
    const failure = { type: 'startup_error', message: error.message, at } as const;
    return result({ kind: 'ended', at, exit: null, failedStart: failure }, error.message);
  }
}

/** The issue as last listed, else asked for; null for a local task. */
async function issueOf(context: Context, id: Subject['task']['id'], signal: AbortSignal): Promise<Issue | null> {
  const number = issueNumber(id);
  if (number === null || context.ports.forge === null) return null;
  const issue = context.issue(number) ?? (await context.ports.forge.issue(number, signal));
  if (issue === null)
    throw new PortError('unknown', `issue #${number} is not to be found`, { hint: 'Check the number, and that it is not a pull request.' });
  return issue;
}
