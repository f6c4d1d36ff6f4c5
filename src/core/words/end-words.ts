import type { Failure } from '../model/failure.ts';
import type { Run, StopCause } from '../model/run.ts';
import type { Task } from '../model/task.ts';
import { unsavedOf } from './left-words.ts';
import { waited } from './span.ts';

const SUBJECT = 100;

/** What the commit of a stopped run's work says: who stopped it, and all of their words. */
export function wipMessage(cause: StopCause): string {
  const reason = cause.reason.trim();
  const [first = ''] = reason.split('\n');
  const whole = `WIP: stopped by ${cause.by}: ${first}`;
  if (first === reason && whole.length <= SUBJECT) return whole;
  return `${whole.length <= SUBJECT ? whole : `${whole.slice(0, SUBJECT - 1)}…`}\n\n${reason}`;
}

/** What came of ending a task, for whoever asked for it: `gh-7 stopped after 1.2 s; 3 processes ended; work saved as 1a2b3c4`. */
export function endWords(task: Task, failure: Failure, run: Run | null): string {
  const words = [`${task.id} ${failure.type}${tookOf(run)}`];
  if (run?.members !== undefined) words.push(`${run.members} ${run.members === 1 ? 'process' : 'processes'} ended`);
  if (run !== null) words.push(workOf(task, run));
  const lacks = run?.settlement.saved?.incomplete;
  if (lacks !== undefined) words.push(unsavedOf(lacks));
  return words.join('; ');
}

function tookOf(run: Run | null): string {
  if (run === null || (run.state !== 'ended' && run.state !== 'settled') || run.cause === null) return '';
  return run.startedAt === null ? ' before it had begun' : ` after ${waited(run.endedAt - run.cause.at)}`;
}

/** Where its work is. A run of which git would not make a snapshot has it in its worktree, which stays. */
function workOf(task: Task, { settlement }: Run): string {
  const { wip, saved, inspection } = settlement;
  if (wip?.commit) return `work saved as ${wip.commit.slice(0, 7)} on ${task.branch}`;
  if (saved?.commit) return `work saved as ${saved.commit.slice(0, 7)}`;
  if ((inspection?.commits ?? 0) > 0) return `its commits are on ${task.branch}`;
  return inspection?.dirty === true ? 'its work is still in the worktree' : 'it left nothing to save';
}
