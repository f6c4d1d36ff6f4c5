import { classify } from './classify.ts';
import type { Draft } from './draft.ts';
import { finish } from './finish.ts';
import { park } from './park.ts';
import type { Policy } from './policy.ts';
import type { Inspection, RunIn } from './run.ts';
import { hasWaited, salvage } from './salvage.ts';
import type { Ms } from './seen.ts';
import { takeStream } from './spending.ts';
import { act } from './supervise.ts';
import { issueNumber } from './task.ts';
import { takeBack } from './tells.ts';
import type { World } from './world.ts';

const NOTHING: Inspection = { head: null, commits: 0, dirty: false, question: null };

/** What each ended run needs next: work saved, looked at, judged, pushed, a pull, the task told, the issue told. */
export function settleRuns(draft: Draft, world: World, policy: Policy, now: Ms): void {
  for (const run of [...draft.runs.values()]) if (run.state === 'ended') settle(draft, world, policy, run, now);
}

function settle(draft: Draft, world: World, policy: Policy, run: RunIn<'ended'>, now: Ms): void {
  const { settlement } = run;
  if (settlement.outcome === undefined) {
    const stream = world.streams.get(run.id);
    if (stream !== undefined && stream.offset !== run.stream.offset) takeStream(draft, world, run, stream);
    if (salvage(draft, world, latest(draft, run), now)) judge(draft, world, policy, latest(draft, run), now);
    return;
  }
  if (settlement.outcome.kind === 'done' && !deliver(draft, world, policy, run, now)) return;
  if (settlement.logged === undefined) return act(draft, run, 'log-end', now);
  if (draft.tasks.get(run.task)?.state === 'active') finish(draft, policy, run, settlement.outcome, now);
  tell(draft, world, policy, run.id, now);
}

/** The run as this tick has made it so far. */
function latest(draft: Draft, run: RunIn<'ended'>): RunIn<'ended'> {
  const found = draft.runs.get(run.id);
  return found?.state === 'ended' ? found : run;
}

function judge(draft: Draft, world: World, policy: Policy, run: RunIn<'ended'>, now: Ms): void {
  // What it said last may stand in the part of the log that nobody could read yet.
  const unread = world.unread.get(run.id) ?? null;
  if (unread !== null && !hasWaited(draft, run, 'read its log', unread, now)) return;
  const evidence = {
    unread,
    exit: run.exit,
    cause: run.cause,
    stream: world.streams.get(run.id) ?? run.stream,
    inspection: run.settlement.inspection ?? NOTHING,
    agent: run.agent.kind,
    rebooted: run.rebooted,
    failedStart: run.failedStart,
  };
  const judged = classify(evidence, now);
  const outcome = judged.kind === 'failed' ? { ...judged, failure: park(draft, policy, run, judged.failure, now) } : judged;
  const words = outcome.kind === 'failed' ? `${outcome.failure.type}: ${outcome.failure.message}` : outcome.kind;
  takeBack(draft, run, evidence.stream);
  draft.run(run.id, { kind: 'step', done: { outcome } }, words);
  settle(draft, world, policy, latest(draft, run), now);
}

/** Checks, branch, pull; answers whether all of them are done. */
function deliver(draft: Draft, world: World, policy: Policy, run: RunIn<'ended'>, now: Ms): boolean {
  const { settlement } = run;
  if (policy.pulls.verify && settlement.verified === undefined) {
    act(draft, run, 'verify', now);
    return false;
  }
  if (settlement.verified?.ok === false) {
    const message = `pulls.verify is red: ${settlement.verified.output.trim().split('\n').at(-1) ?? ''}`;
    const failure = { type: 'validation_error', message, at: now } as const;
    draft.run(run.id, { kind: 'step', done: { outcome: { kind: 'failed', failure, resumable: true } } }, message);
    draft.wake(now + 1);
    return false;
  }
  if (settlement.pushed === undefined) {
    act(draft, run, 'push', now);
    return false;
  }
  if (issueNumber(run.task) !== null && world.forge === 'github' && settlement.pull === undefined) {
    act(draft, run, 'open-pull', now);
    return false;
  }
  return true;
}

/** One comment on the issue for an end that a person should know of, then the run is settled. */
function tell(draft: Draft, world: World, policy: Policy, id: RunIn<'ended'>['id'], now: Ms): void {
  const run = draft.runs.get(id);
  if (run?.state !== 'ended') return;
  const task = draft.tasks.get(run.task);
  const outcome = run.settlement.outcome;
  const worth = outcome?.kind === 'done' || outcome?.kind === 'blocked' || task?.state === 'failed';
  if (worth && policy.comment && world.forge === 'github' && issueNumber(run.task) !== null && run.settlement.commented === undefined) {
    return act(draft, run, 'comment', now);
  }
  draft.run(run.id, { kind: 'settled' }, 'nothing left to do');
}
