import type { RunIn } from '../model/run.ts';
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
