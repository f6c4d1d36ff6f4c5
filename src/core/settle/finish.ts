import { isFree } from '../limits/spend.ts';
import { overBudget, withRun } from '../limits/spending.ts';
import type { Failure } from '../model/failure.ts';
import type { Outcome, RunIn } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import { isRacer, type Resume, type Task } from '../model/task.ts';
import { countLate } from '../race/keep-races.ts';
import { endOfRound, goesIntoReview } from '../review/review.ts';
import { refusalOf } from '../steer/verbs.ts';
import type { Draft } from '../tick/draft.ts';
import type { Policy } from '../tick/policy.ts';
import { ATTACH_BY } from '../voices/attach-request.ts';
import type { Case } from './case.ts';
import { judgeRetry } from './retry.ts';
import { overWords } from './reviews.ts';

/** The run's outcome becomes the task's: completed, blocked, failed for good, or again. */
export function finish({ draft, world, policy, run, now }: Case): boolean {
  if (run.settlement.outcome === undefined) return true;
  const before = draft.tasks.get(run.task);
  const spent = withRun(before?.spent, run.stream.spend);
  const spentInAll = withRun(before?.spentInAll ?? before?.spent, run.stream.spend);
  // Also where what it made comes too late: it has cost all the same. Delivered again, it costs nothing.
  const isCounted = run.settlement.counted === true;
  if (!isCounted) draft.run(run.id, { kind: 'step', done: { counted: true } }, '');
  if (!isCounted && (spent.tokens > 0 || !isFree(spent))) draft.task(run.task, { kind: 'spent', spent, spentInAll }, '');
  if (!isCounted && isRacer(run.task)) countLate(draft, run.task);
  const task = draft.tasks.get(run.task);
  const end = endOfRound(task, world.pullSights, policy.pulls);
  if (task === undefined || end === null) take(draft, policy, run, run.settlement.outcome, now);
  else leave(draft, task, run, end, now);
  return true;
}

/** The pull is over: so is the task, whatever this round came to. */
function leave(draft: Draft, task: Task, run: RunIn<'ended'>, end: NonNullable<ReturnType<typeof endOfRound>>, now: Ms): void {
  const { at, how, commit } = end;
  draft.task(task.id, { kind: 'over', run: run.id, at: now, commit, over: { at, how } }, overWords(task, how));
}

function take(draft: Draft, policy: Policy, run: RunIn<'ended'>, outcome: Outcome, now: Ms): void {
  // A further round on its pull is the same task, which was counted with the first.
  const isRound = draft.tasks.get(run.task)?.rounds !== undefined;
  switch (outcome.kind) {
    case 'done': {
      const { pull, pushed } = run.settlement;
      if (pull !== undefined) draft.task(run.task, { kind: 'pull', pull }, pull.url);
      const what = pull === undefined ? `branch ${pushed?.commit.slice(0, 7) ?? ''}` : `pull #${pull.number}`;
      const inReview = goesIntoReview(policy.pulls, pull);
      // One of several attempts is done before it is known whether it is handed over.
      const head = isRacer(run.task) ? run.settlement.inspection?.head : null;
      draft.task(run.task, { kind: 'completed', run: run.id, at: now, commit: pushed?.commit ?? head ?? null, inReview }, what);
      if (!isRound && !(isRacer(run.task) && run.settlement.counted === true)) draft.count('workers_completed');
      draft.changeFleet({ kind: 'provider-errors', inARow: 0, ...(run.agent.login !== undefined && { login: run.agent.login }) });
      return;
    }
    case 'blocked':
      // A question is no completed work, and no failure: it counts once it is answered and the work is done.
      draft.task(run.task, { kind: 'blocked', run: run.id, at: now, question: outcome.question }, outcome.question);
      return;
    case 'failed':
      fail(draft, policy, run, outcome.failure, outcome.resumable, now);
      // Nothing failed where a person took its place.
      if (run.cause?.by !== ATTACH_BY) draft.count('workers_failed');
      if (outcome.failure.type === 'worktree_error') draft.count('worktree_errors');
      return;
  }
}

function fail(draft: Draft, policy: Policy, run: RunIn<'ended'>, failure: Failure, resumable: boolean, now: Ms): void {
  const task = draft.tasks.get(run.task);
  const repeated = run.resumes?.because === failure.type;
  const before = task?.state === 'active' ? task.last : null;
  const overtaken = run.settlement.overtaken !== undefined;
  const verdict = judgeRetry(
    {
      run: run.id,
      failure,
      attempts: task?.attempts ?? 0,
      limit: policy.attempts,
      delay: policy.retryDelay,
      repeated,
      before,
      resumable,
      overtaken,
    },
    now,
  );
  const words = `${failure.type}: ${failure.message}`;
  if (verdict.kind === 'failed') {
    draft.task(run.task, { kind: 'failed', run: run.id, at: now, failure, burned: verdict.burned }, words);
    return;
  }
  const over = overBudget(task, policy, run.agent);
  if (over !== null) {
    const spent = {
      type: 'budget',
      message: `${over}; the last one ended with ${words}`,
      at: now,
      ...(resumable ? {} : { afresh: true as const }),
    } as const;
    draft.task(run.task, { kind: 'failed', run: run.id, at: now, failure: spent, burned: verdict.burned }, `budget: ${spent.message}`);
    return;
  }
  // One that never came to an agent has told it nothing: what it was to go on with is still to be gone on with.
  const resume = run.failedStart !== null ? run.resumes : verdict.resume && resumable ? goOn(run, failure) : null;
  draft.task(run.task, { kind: 'again', retryAt: verdict.retryAt, last: failure, resume, burned: verdict.burned }, words);
}

function goOn(run: RunIn<'ended'>, failure: Failure): Resume {
  return {
    run: run.id,
    session: run.stream.session ?? run.session,
    kind: run.agent.kind,
    message: firstWords(run, failure),
    because: failure.type,
    ...refusalOf(run),
  };
}

function firstWords(run: RunIn<'ended'>, failure: Failure): string {
  switch (failure.type) {
    case 'no_pr':
      return `There is nothing to deliver yet: ${failure.message}. Finish the work and commit it on your branch, or write BLOCKED.md with your question. If nothing is to be done, say why and end.`;
    case 'validation_error':
      return `The checks are red. Mend what they say and commit. Their output:\n${run.settlement.verified?.output ?? ''}`;
    case 'delivery_error':
      return `Your work is not pushed: ${failure.message}. Bring your commits after theirs: \`git rebase\` onto the remote branch of your branch's name (\`git branch --remotes\` shows it; it is up to date). Keep every commit of theirs, resolve conflicts so that both sides keep their meaning, run the tests, and end. tac8 pushes.`;
    case 'interrupted':
      if (run.cause?.by === ATTACH_BY) return 'A person took the conversation over. Look at the state of the worktree, then go on.';
      return 'The machine went down while you worked. Look at the state of the worktree, then go on.';
    default:
      return 'You were interrupted from outside. Go on where you stopped.';
  }
}
