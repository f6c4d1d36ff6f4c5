import { issueNumber, rootOf, type Task } from '../../../core/model/task.ts';
import { textFact } from '../../../core/voices/approval.ts';
import type { Context } from '../../ports/context.ts';
import type { Forge } from '../../ports/outside/forge.ts';
import type { Result } from '../step/apply.ts';
import type { ApprovedIssue, Subject } from '../step/subject.ts';
import { failedStart } from './failed-start.ts';

/** What a run is launched for, in the words that the label was put on; or why there is nothing to launch it for. */
export async function approvedSubject(context: Context, subject: Subject, signal: AbortSignal): Promise<Subject | Result> {
  const { ports } = context;
  const { task, run } = subject;
  if (run.state !== 'starting') return subject;
  const number = issueNumber(task.id);
  if (number === null || ports.forge === null) return subject;
  // As last listed, else asked for; null when the forge is sure that there is none.
  const issue = context.issue(number) ?? (await ports.forge.issue(number, signal));
  if (issue === null) {
    const which = `issue #${number} cannot be found: check the number, and that it is not a pull request`;
    return failedStart(ports.clock.now(), which);
  }
  const approved = asApproved(context, task, issue);
  if (approved !== null) return { run, ...(await withDiscussion(ports.forge, approved, run, signal)) };
  const why = 'the issue was edited after its label was put on, and tac8 no longer has the text as it was then: put the label on again';
  return failedStart(ports.clock.now(), why);
}

/** Null: it was changed since, and nobody knows the words any more. */
function asApproved({ ports }: Context, task: Task, issue: ApprovedIssue['issue']): Pick<Subject, 'task' | 'issue'> | null {
  // Of several attempts the task that they are for keeps what was read.
  const { approved } = ports.store.task(rootOf(task.id)) ?? task;
  if (task.armedBy !== 'label' || approved === undefined || approved.print === issue.print)
    return { task, issue: { issue, isEdited: false } };
  const text = ports.store.fact(textFact(rootOf(task.id)));
  return text === null ? null : { task: { ...task, title: text.title }, issue: { issue: { ...issue, ...text }, isEdited: true } };
}

/** Who may write may say more than stood in the text, whenever they do. A conversation that goes on is told of it by whoever began it anew. */
async function withDiscussion(
  forge: Pick<Forge, 'discussion'>,
  approved: Pick<Subject, 'task' | 'issue'>,
  run: Subject['run'],
  signal: AbortSignal,
): Promise<Pick<Subject, 'task' | 'issue'>> {
  if (approved.issue === null || run.resumes !== null) return approved;
  const said = await forge.discussion(approved.issue.issue.number, signal);
  if (said.length === 0) return approved;
  return { ...approved, issue: { ...approved.issue, issue: { ...approved.issue.issue, said } } };
}
