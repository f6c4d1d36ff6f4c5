import { lastCall, workBehind } from '../limits/background.ts';
import { watchProgress } from '../limits/progress.ts';
import { dueAt, takeStream } from '../limits/spending.ts';
import { checkLimits } from '../limits/watchdogs.ts';
import { wrapUp } from '../limits/wrap-up.ts';
import type { Exit, Run, RunIn, StreamFacts } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import { awaitsNothing, giveWithPrompt, sayLetters } from '../steer/tells.ts';
import { NO_WORDS, STOP_FILE } from '../steer/verbs.ts';
import { act } from '../tick/act.ts';
import type { Draft } from '../tick/draft.ts';
import type { Policy } from '../tick/policy.ts';
import type { ProcessSeen, World } from '../tick/world.ts';
import { inHand, nextRung } from './ladder.ts';

/** How long a tree may be gone before it is believed that nobody wrote down how it ended. */
export const RECORD_GRACE: Ms = 2_000;

/** What each run that has not ended needs next, by what is seen of its process. */
export function superviseRuns(draft: Draft, world: World, policy: Policy, now: Ms): void {
  const hold = holdsMassDeath(world, now);
  if (hold)
    draft.note(
      null,
      'more than half of the workers seem gone at once without an exit record: looking again before believing it',
      now + RECORD_GRACE,
    );
  for (const before of [...draft.runs.values()]) {
    const run = withEndThere(draft, world, before);
    switch (run.state) {
      case 'preparing':
        prepare(draft, run, now);
        break;
      case 'starting':
        start(draft, world, run, hold, now);
        break;
      case 'running':
      case 'stopping':
        supervise(draft, world, policy, run, hold, now);
        break;
      case 'ended':
      case 'settled':
        break;
    }
  }
}

/** Its machine has ended it by itself: for that cause, unless another one is known here. */
function withEndThere(draft: Draft, world: World, run: Run): Run {
  const cause = world.endedThere?.get(run.id);
  if (cause === undefined || (run.state !== 'running' && (run.state !== 'starting' || run.wanted !== null))) return run;
  draft.run(run.id, { kind: 'stop', cause }, `${cause.by}: ${cause.reason}, while its machine was cut off`);
  return draft.runs.get(run.id) ?? run;
}

/** Three or more live workers, more than half of them suddenly gone and unexplained: a broken probe until shown otherwise. */
function holdsMassDeath(world: World, now: Ms): boolean {
  const live = world.runs.filter((run) => run.state === 'running' || run.state === 'stopping');
  const gone = live.filter((run) => {
    const seen = world.processes.get(run.id);
    return seen?.known === true && seen.value.kind === 'gone' && seen.value.exit === null && !seen.value.rebooted;
  });
  const oldest = Math.min(...gone.map((run) => world.goneSince.get(run.id) ?? now));
  return live.length >= 3 && gone.length * 2 > live.length && now - oldest < 5 * RECORD_GRACE;
}

/** The worktree is being made. A stop gives it up. */
function prepare(draft: Draft, run: RunIn<'preparing'>, now: Ms): void {
  if (run.wanted === null) return act(draft, run, 'prepare', now);
  if (draft.isBusy(run.id)) return draft.act({ kind: 'abort', run: run.id, task: run.task });
  draft.run(run.id, { kind: 'ended', at: now, exit: null }, `${run.wanted.by}: ${run.wanted.reason}`);
}

/** Between the intent and the known identity: what the last daemon may have launched is found, else it is launched. */
function start(draft: Draft, world: World, run: RunIn<'starting'>, hold: boolean, now: Ms): void {
  if (draft.isBusy(run.id)) return;
  const seen = world.processes.get(run.id);
  if (seen === undefined || !seen.known)
    return draft.note(run.task, `tac8 does not know whether ${run.id} was started: ${seen?.because ?? 'not looked at yet'}`);
  switch (seen.value.kind) {
    case 'never':
      if (run.wanted === null) {
        giveWithPrompt(draft, run);
        act(draft, run, 'launch', now);
      } else draft.run(run.id, { kind: 'ended', at: now, exit: null }, `${run.wanted.by}: ${run.wanted.reason}`);
      return;
    case 'alive':
      draft.run(run.id, { kind: 'launched', process: seen.value.identity, at: now }, `pid ${seen.value.identity.pid}, found running`);
      draft.count('workers_launched');
      return;
    case 'remains':
      return act(draft, run, 'sweep', now);
    case 'gone':
      return ended(draft, world, run, seen.value, hold, now);
  }
}

function supervise(draft: Draft, world: World, policy: Policy, run: RunIn<'running' | 'stopping'>, hold: boolean, now: Ms): void {
  const stream = world.streams.get(run.id);
  const seen = world.processes.get(run.id);
  if (stream !== undefined && stream.offset !== run.stream.offset) {
    const due = seen?.known === true && seen.value.kind === 'alive' ? dueAt(run.stream, stream, now) : now;
    if (due > now) draft.wake(due);
    else takeStream(draft, world, run, stream);
  }
  if (seen === undefined || !seen.known)
    return draft.note(run.task, `tac8 does not know whether ${run.id} is alive: ${seen?.because ?? 'not looked at yet'}`);
  switch (seen.value.kind) {
    case 'never':
      // Looked at before it was launched, judged after: it is looked at again.
      if (seen.at <= run.startedAt) return draft.again();
      return draft.note(run.task, `the run folder of ${run.id} is gone; its process is left alone`);
    case 'remains':
      return act(draft, run, 'sweep', now);
    case 'gone':
      return ended(draft, world, run, seen.value, hold, now);
    case 'alive':
      return run.state === 'running'
        ? watch(draft, world, policy, run, now)
        : climb(draft, policy, run, stream ?? run.stream, seen.value.members, now);
  }
}

function ended(draft: Draft, world: World, run: Run, seen: Extract<ProcessSeen, { kind: 'gone' }>, hold: boolean, now: Ms): void {
  const since = world.goneSince.get(run.id) ?? now;
  if (seen.exit === null && !seen.rebooted) {
    if (now < since + RECORD_GRACE) return draft.wake(since + RECORD_GRACE);
    if (hold) return;
  }
  const how =
    seen.exit === null ? (seen.rebooted ? 'the machine was started anew' : 'gone without an exit record') : `exit code ${seen.exit.code}`;
  draft.run(run.id, { kind: 'ended', at: endOf(run, seen.exit, now), exit: seen.exit, rebooted: seen.rebooted }, how);
}

/** The record's time is the file's, which what the agent left behind can set: it is neither before the run's start nor to come. */
function endOf(run: Run, exit: Exit | null, now: Ms): Ms {
  if (exit === null) return now;
  const from = run.state === 'running' || run.state === 'stopping' ? (run.startedAt ?? exit.at) : exit.at;
  return Math.min(now, Math.max(exit.at, from));
}

/** A worker that runs: a STOP file, its limits, its result. */
function watch(draft: Draft, world: World, policy: Policy, run: RunIn<'running'>, now: Ms): void {
  const signs = world.signs.get(run.task);
  if (signs?.known === true && signs.value.stop !== null) {
    const reason = signs.value.stop.trim() || NO_WORDS;
    draft.run(run.id, { kind: 'stop', cause: { type: 'stopped', by: STOP_FILE, reason, at: now } }, `${STOP_FILE}: ${reason}`);
    return draft.again();
  }
  const unread = world.unread.get(run.id);
  if (unread !== undefined) draft.note(run.task, `tac8 does not know what ${run.id} says: ${unread}`);
  const stream = unread === undefined ? (world.streams.get(run.id) ?? run.stream) : null;
  const { cause, warnings, next } = checkLimits(
    run,
    { stream, before: draft.tasks.get(run.task)?.spent, disk: world.upkeep.measured.get(run.id) },
    policy,
    now,
  );
  if (cause !== null) {
    draft.run(run.id, { kind: 'stop', cause }, `${cause.by}: ${cause.reason}`);
    return draft.again();
  }
  for (const warning of warnings) draft.run(run.id, { kind: 'warned', warning }, `${warning.by}: ${warning.text}`);
  const near = policy.limits.wrapUp && stream !== null ? wrapUp(run, stream, warnings, now) : null;
  if (near !== null)
    draft.run(
      run.id,
      { kind: 'told', tells: [{ ...near, via: 'input', saidAt: null }] },
      'told to finish, to commit and to say what is left',
    );
  if (stream !== null) watchProgress(draft, world, run, stream, now);
  if (next !== null) draft.wake(next);
  if (stream !== null) callOnce(draft, policy, run, stream, now);
  if (!sayLetters(draft, run, now) && stream !== null) endInput(draft, policy, run, stream, now);
}

/** Its turn is over, and its background work has had its time: it is told so, and has one more turn. */
function callOnce(draft: Draft, policy: Policy, run: RunIn<'running'>, stream: StreamFacts, now: Ms): void {
  const limit = policy.limits.background;
  const behind = workBehind(run, stream, limit);
  if (behind?.what !== 'tell') return;
  if (behind.until > now) return draft.wake(behind.until);
  const tells = [{ ...lastCall(run, behind.works, limit, now), via: 'input', saidAt: null }] as const;
  draft.run(run.id, { kind: 'told', tells }, `limits.background: ${behind.works.join(', ')}: one more turn`);
}

/** Its turn is over and nothing more is to be said to it: as soon as its input ends, it leaves. */
function endInput(draft: Draft, policy: Policy, run: RunIn<'running'>, stream: StreamFacts, now: Ms): void {
  if (run.inputEnded || inHand(run.agent, stream).kind !== 'rest') return;
  // The end of its work in the background is the beginning of another turn.
  const behind = workBehind(draft.runs.get(run.id) ?? run, stream, policy.limits.background);
  if (behind?.what === 'tell') return;
  const ready = awaitsNothing(draft.runs.get(run.id) ?? run, stream, now);
  if (ready === true) act(draft, run, 'end-input', now);
  else draft.wake(ready);
}

/** How often a worker that is about to end is looked at. */
const GLANCE: Ms = 250;

/** A worker that is to end: the next rung, recorded before it is taken. */
function climb(draft: Draft, policy: Policy, run: RunIn<'stopping'>, stream: StreamFacts, members: number, now: Ms): void {
  const hand = inHand(run.agent, stream);
  const step = nextRung(run, hand, policy.stop, now);
  if ('wait' in step) {
    if (hand.kind === 'rest' && !run.inputEnded) act(draft, run, 'end-input', now);
    // A tool in hand may take its time: what is said at its end wakes the daemon.
    const isPatient = run.rung === 'ask' && hand.kind !== 'rest';
    return draft.wake(isPatient ? step.wait : Math.min(step.wait, now + GLANCE));
  }
  if (draft.isBusy(run.id)) return;
  if (run.rung === 'kill') draft.note(run.task, `kill unconfirmed: ${run.id} still has processes; trying again`);
  draft.run(run.id, { kind: 'rung', rung: step.take, at: now, members }, step.take);
  draft.act({ kind: 'rung', run: run.id, task: run.task, rung: step.take });
}
