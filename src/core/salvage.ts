import { isPersons } from './classify.ts';
import type { Draft } from './draft.ts';
import type { RunIn, Settlement, StopCause } from './run.ts';
import type { Ms } from './seen.ts';
import { act } from './supervise.ts';
import { NO_WORDS, STOP_FILE } from './verbs.ts';
import type { World } from './world.ts';

/*
 * What happens to the worktree of a run that has ended, in this order. Each step is a fact on the run, so that it is done once; a
 * daemon that dies in between goes on with the first one missing, and a step that was done but not written down is done again
 * without harm.
 *
 *   save      a snapshot of everything as the dead left it, before anything touches it
 *   mend      after an end that was not the agent's own: its locks, a half rebase, HEAD back on the task's branch
 *   explain   a STOP file is read to its end: people write the reason after they have made the file
 *   commit    for `stopped`: all that is uncommitted, as a commit `WIP: stopped by …` on the task's branch
 *   inspect   what git says of it now
 */

/** A step that git refuses this often is given up: the snapshot holds the work, and nothing is removed unsaved. */
const TRIES = 5;
/** How long after a bare STOP file words may still be written into it. */
const WORDS_WITHIN: Ms = 3_000;
/** What cannot be read for so long after the end is done without. */
const PATIENCE: Ms = 10 * 60_000;

/** Asks for the first step that is missing; answers whether there is none. */
export function salvage(draft: Draft, world: World, run: RunIn<'ended'>, now: Ms): boolean {
  const { settlement } = run;
  // Its worktree was never made.
  if (run.baseCommit === null) return true;
  if (settlement.saved === undefined) return step(draft, run, 'save', { saved: { ref: null, commit: null } }, now);
  if (wasCutOff(run) && settlement.mended === undefined) return step(draft, run, 'mend', { mended: { done: [] } }, now);
  if (!explain(draft, world, run, now)) return false;
  if (causeOf(draft, run)?.type === 'stopped' && hasRun(run) && settlement.wip === undefined)
    return step(draft, run, 'commit', { wip: { commit: null } }, now);
  if (settlement.inspection === undefined) {
    act(draft, run, 'inspect', now);
    return false;
  }
  return true;
}

/** With the words that were just found. */
function causeOf(draft: Draft, run: RunIn<'ended'>): StopCause | null {
  const latest = draft.runs.get(run.id);
  return latest?.state === 'ended' ? latest.cause : run.cause;
}

const hasRun = (run: RunIn<'ended'>): boolean => run.startedAt !== null || run.exit !== null;

/** It did not end by itself: what it had in hand is half done. */
function wasCutOff(run: RunIn<'ended'>): boolean {
  return hasRun(run) && (run.cause !== null || run.rebooted || run.exit === null || run.exit.code > 128);
}

/** `without`: what stands in the step's place when it is given up. */
function step(draft: Draft, run: RunIn<'ended'>, kind: 'save' | 'mend' | 'commit', without: Partial<Settlement>, now: Ms): false {
  if (run.problem?.step === kind && run.problem.tries >= TRIES) {
    draft.run(run.id, { kind: 'step', done: without }, `given up, the worktree stays: ${run.problem.message}`);
    draft.wake(now + 1);
  } else act(draft, run, kind, now);
  return false;
}

/** Whether something has been unknown for so long that the end is judged without it, counted from when that was first seen. */
export function hasWaited(draft: Draft, run: RunIn<'ended'>, step: string, because: string, now: Ms): boolean {
  const before = run.problem?.step === step ? run.problem : null;
  if (before !== null && now >= before.retryAt) return true;
  const problem = before ?? { step, message: because, tries: 1, at: now, retryAt: now + PATIENCE };
  if (before === null) draft.run(run.id, { kind: 'problem', problem }, because);
  draft.note(run.task, `how ${run.id} ended is not known: ${because}`, problem.retryAt);
  return false;
}

/**
 * The words of whoever laid the STOP file; answers whether they are in. A file that nobody saw while the agent lived (it had just ended, or
 * the daemon was away) is a person's word all the same: the task is not started again.
 */
function explain(draft: Draft, world: World, run: RunIn<'ended'>, now: Ms): boolean {
  const { cause, settlement } = run;
  if (settlement.explained || settlement.outcome !== undefined || (cause !== null && cause.by !== STOP_FILE && isPersons(cause)))
    return true;
  const signs = world.signs.get(run.task);
  if (cause?.by !== STOP_FILE && signs?.known === false && !hasWaited(draft, run, 'look for a STOP file', signs.because, now)) return false;
  const text = signs?.known === true ? signs.value.stop : null;
  if (cause?.by !== STOP_FILE && text === null) return true;
  const words = text?.trim() ?? '';
  const until = (cause?.by === STOP_FILE ? cause.at : run.endedAt) + WORDS_WITHIN;
  if (words === '' && text !== null && now < until) {
    draft.wake(until);
    return false;
  }
  const found: StopCause = cause?.by === STOP_FILE ? cause : { type: 'stopped', by: STOP_FILE, reason: NO_WORDS, at: run.endedAt };
  const reason = words || found.reason;
  draft.run(run.id, { kind: 'explained', cause: { ...found, reason } }, reason);
  return true;
}
