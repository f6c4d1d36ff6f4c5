import type { Run, RunIn } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import type { Draft } from '../tick/draft.ts';

/** What cannot be read for so long after the end is done without. */
const PATIENCE: Ms = 10 * 60_000;

/** Whether something has been unknown for so long that the end is judged without it, counted from when that was first seen. */
export function hasWaited(draft: Draft, run: RunIn<'ended'>, step: string, because: string, now: Ms): boolean {
  const before = run.problem?.step === step ? run.problem : null;
  if (before !== null && now >= before.retryAt) return true;
  const problem = before ?? { step, message: because, tries: 1, at: now, retryAt: now + PATIENCE };
  if (before === null) draft.run(run.id, { kind: 'problem', problem }, because);
  draft.note(run.task, `tac8 does not know how ${run.id} ended: ${because}`, problem.retryAt);
  return false;
}

/** A step that failed this often (a push while GitHub is down), or waits for so long (for a log that cannot be read). */
const TRIES_BEFORE_LEAVING = 3;
const LONGEST_WAIT_TO_LEAVE: Ms = 60_000;

/** Whether a daemon that is to leave does not wait for this run: what is left of it is for a later start. Of one that lives nothing is. */
export const mayBeLeft = ({ state, problem }: Pick<Run, 'state' | 'problem'>, now: Ms): boolean =>
  state !== 'running' &&
  state !== 'stopping' &&
  problem !== null &&
  (problem.tries >= TRIES_BEFORE_LEAVING || now - problem.at >= LONGEST_WAIT_TO_LEAVE);
