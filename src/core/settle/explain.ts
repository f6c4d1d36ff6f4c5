import type { RunIn, StopCause } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import { NO_WORDS, STOP_FILE } from '../steer/verbs.ts';
import type { Case } from './case.ts';
import { isPersons } from './classify.ts';
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
