import type { RunIn, StopCause } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import type { Task } from '../model/task.ts';
import { NO_WORDS, STOP_FILE } from '../steer/verbs.ts';
import type { Draft } from '../tick/draft.ts';
import type { Signs, World } from '../tick/world.ts';
import type { Case } from './case.ts';
import { isPersons, oneLine } from './classify.ts';
import { whole } from './judge.ts';
import { hasWaited } from './patience.ts';

/** How long after a bare STOP file words may still be written into it. */
const WORDS_WITHIN: Ms = 3_000;

/** A person's word that came another way needs none from a STOP file. */
export const isExplained = ({ cause, settlement }: RunIn<'ended'>): boolean =>
  settlement.explained === true || (cause !== null && cause.by !== STOP_FILE && isPersons(cause));

/**
 * The words of whoever laid the STOP file; answers whether they are in. A file that nobody saw while the agent lived (it had just ended, or
 * the daemon was away) is a person's word all the same: the task is not started again.
 */
export function explain({ draft, world, run, now }: Case): boolean {
  const { cause } = run;
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

/** Words that a person writes into the STOP file of a run that has settled are its reason, and the file goes to that run's folder. */
export function takeLateWords(draft: Draft, world: World): void {
  for (const [id, signs] of world.signs) {
    const task = draft.tasks.get(id);
    if (task?.state !== 'failed' || task.run === null || !signs.known || signs.value.stop === null) continue;
    const run = draft.runs.get(task.run);
    if (run?.state !== 'settled') continue;
    const words = oneLine(signs.value.stop);
    const { message } = whole({ ...task.failure, message: words }, run);
    if (task.failure.by !== STOP_FILE || words === '' || message === task.failure.message) continue;
    draft.task(id, { kind: 'reworded', message }, words);
    draft.act({ kind: 'put-aside', run: run.id, task: id });
  }
}

/** A STOP file from before somebody wanted the task again, however they said so: it stops no run that was asked for since. */
export const isFromBefore = ({ armedAt }: Pick<Task, 'armedAt'>, { stop, stopAt }: Signs): boolean =>
  stop !== null && stopAt !== undefined && armedAt !== undefined && stopAt < armedAt;
