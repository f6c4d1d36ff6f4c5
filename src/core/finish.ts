import { ATTACH_BY } from './attach-request.ts';
import type { Draft } from './draft.ts';
import type { Failure } from './failure.ts';
import type { Policy } from './policy.ts';
import { judgeRetry } from './retry.ts';
import type { Outcome, RunIn } from './run.ts';
import type { Ms } from './seen.ts';
import { overBudget, withRun } from './spending.ts';
import type { Resume } from './task.ts';

/** The run's outcome becomes the task's: completed, blocked, failed for good, or again. */
export function finish(draft: Draft, policy: Policy, run: RunIn<'ended'>, outcome: Outcome, now: Ms): void {
  const spent = withRun(draft.tasks.get(run.task)?.spent, run.stream.spend);
  if (spent.tokens + spent.usd > 0) draft.task(run.task, { kind: 'spent', spent }, '');
  switch (outcome.kind) {
    case 'done': {
      const { pull, pushed } = run.settlement;
      if (pull !== undefined) draft.task(run.task, { kind: 'pull', pull }, pull.url);
      const what = pull === undefined ? `branch ${pushed?.commit.slice(0, 7) ?? ''}` : `pull #${pull.number}`;
      draft.task(run.task, { kind: 'completed', run: run.id, at: now, commit: pushed?.commit ?? null }, what);
      draft.count('workers_completed');
      if (draft.fleet.providerErrors > 0) draft.fleet = { ...draft.fleet, providerErrors: 0 };
      return;
    }
    case 'blocked':
      draft.task(run.task, { kind: 'blocked', run: run.id, at: now, question: outcome.question }, outcome.question);
      draft.count('workers_completed');
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
  const verdict = judgeRetry(
    { run: run.id, failure, attempts: task?.attempts ?? 0, limit: policy.attempts, delay: policy.retryDelay, repeated, resumable },
    now,
  );
  const words = `${failure.type}: ${failure.message}`;
  if (verdict.kind === 'failed') {
    draft.task(run.task, { kind: 'failed', run: run.id, at: now, failure, burned: verdict.burned }, words);
    return;
  }
  const over = overBudget(task, policy);
  if (over !== null) {
    const spent = { type: 'budget', message: `${over}; the last one ended with ${words}`, at: now } as const;
    draft.task(run.task, { kind: 'failed', run: run.id, at: now, failure: spent, burned: verdict.burned }, `budget: ${spent.message}`);
    return;
  }
  const resume = verdict.resume && resumable ? goOn(run, failure) : null;
  draft.task(run.task, { kind: 'again', retryAt: verdict.retryAt, last: failure, resume, burned: verdict.burned }, words);
}

function goOn(run: RunIn<'ended'>, failure: Failure): Resume {
  return { run: run.id, session: run.stream.session ?? run.session, message: firstWords(run, failure), because: failure.type };
}

function firstWords(run: RunIn<'ended'>, failure: Failure): string {
  switch (failure.type) {
    case 'no_pr':
      return 'There is no commit on the branch yet. Finish the work and commit it, or write BLOCKED.md with your question.';
    case 'validation_error':
      return `The checks are red. Mend what they say and commit. Their output:\n${run.settlement.verified?.output ?? ''}`;
    case 'interrupted':
      if (run.cause?.by === ATTACH_BY) return 'A person took the conversation over. Look at the state of the worktree, then go on.';
      return 'The machine went down while you worked. Look at the state of the worktree, then go on.';
    default:
      return 'You were interrupted from outside. Go on where you stopped.';
  }
}
