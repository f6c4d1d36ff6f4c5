import type { Run } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import type { Draft } from './draft.ts';
import type { PlainKind } from './plan.ts';
import { stepWords } from './step-words.ts';

/** An action of a run, unless its last try was not long ago. */
export function act(draft: Draft, run: Run, kind: PlainKind, now: Ms): void {
  if (run.problem !== null && run.problem.step === kind && run.problem.retryAt > now) {
    return draft.note(run.task, `${stepWords(kind)}: ${run.problem.message}`, run.problem.retryAt);
  }
  draft.act({ kind, run: run.id, task: run.task });
}
