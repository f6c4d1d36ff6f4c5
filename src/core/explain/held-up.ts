import type { Run } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import { stepWords } from '../tick/step-words.ts';
import { age } from '../words/span.ts';

/** Its work is done and does not reach the forge: a person is needed, whatever the task's state. */
export const isHeldUp = (run: Run | null): run is Run & { readonly state: 'ended' } =>
  run?.state === 'ended' && run.problem !== null && (run.problem.step === 'push' || run.problem.step === 'open-pull');

/** The step, its tries, how long it has been failing, and what the other side says. Null: nothing fails. */
export function failingWords(run: Run | null, now: Ms): string | null {
  if (run?.state !== 'ended' || run.problem === null) return null;
  const { step, tries, retryAt, message } = run.problem;
  const again = retryAt > now ? `again in ${age(retryAt - now)}` : 'again now';
  return `${stepWords(step)} has been failing for ${age(now - run.endedAt)} (${tries} ${tries === 1 ? 'try' : 'tries'}, ${again}): ${message}`;
}
