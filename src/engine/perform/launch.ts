import { type ApprovedText, EDITED, textFact } from '../../core/approval.ts';
import type { Ms } from '../../core/seen.ts';
import { issueNumber, type Task } from '../../core/task.ts';
import { NOTHING, type Result, result } from '../apply.ts';
import type { Context } from '../context.ts';
import { type Issue, PortError } from '../ports.ts';
import type { Subject } from './subject.ts';

/** Writes the prompt and starts the agent, at most once per run however often this is repeated. */
export async function launch(context: Context, { task, run }: Subject, signal: AbortSignal): Promise<Result> {
  const { ports } = context;
  if (run.state !== 'starting') return NOTHING;
  const issue = await issueOf(context, task.id, signal);
  if (issue === 'absent') {
    const which = `issue #${issueNumber(task.id)} is not to be found: check the number, and that it is not a pull request`;
    return failedStart(ports.clock.now(), which);
  }
  const told = asApproved(context, task, issue);
  if (told === null)
    return failedStart(
      ports.clock.now(),
      'the issue was edited after its label was put on, and its text of then is not known any more: put the label on again',
    );
  try {
    const workspace = { path: ports.workspaces.pathOf(task.id), baseCommit: run.baseCommit };
    const plan = await ports.agents.prepare(told.task, run, told.issue, workspace);
    await ports.runLog.append(run, {
      type: 'tac8',
      event: 'run_started',
      run: run.id,
      task: task.id,
      attempt: run.attempt,
      resumes: run.resumes?.run ?? null,
    });
    const process = await ports.workers.launch(plan);
    return result({ kind: 'launched', process, at: ports.clock.now() }, `pid ${process.pid}${told.issue === issue ? '' : `; ${EDITED}`}`, {
      workers_launched: 1,
    });
  } catch (error) {
    if (!(error instanceof PortError) || error.sort !== 'terminal') throw error;
    return failedStart(ports.clock.now(), `${error.message}${error.hint === '' ? '' : ` — ${error.hint}`}`);
  }
}

/** Task and issue in the words that the label was put on; null: they changed since, and nobody knows them any more. */
function asApproved({ ports }: Context, task: Task, issue: Issue | null): { readonly task: Task; readonly issue: Issue | null } | null {
  if (issue === null || task.armedBy !== 'label' || task.approved === undefined || task.approved.print === issue.print)
    return { task, issue };
  const text = ports.store.fact<ApprovedText>(textFact(task.id));
  return text === null ? null : { task: { ...task, title: text.title }, issue: { ...issue, ...text } };
}

/** It never came to a process, and trying the same again at once would not help. */
function failedStart(at: Ms, message: string): Result {
  const failure = { type: 'startup_error', message, at } as const;
  return result({ kind: 'ended', at, exit: null, failedStart: failure }, message);
}

/** The issue as last listed, else asked for; null for a local task, `absent` when the forge is sure that there is none. */
async function issueOf(context: Context, id: Subject['task']['id'], signal: AbortSignal): Promise<Issue | null | 'absent'> {
  const number = issueNumber(id);
  if (number === null || context.ports.forge === null) return null;
  return context.issue(number) ?? (await context.ports.forge.issue(number, signal)) ?? 'absent';
}
