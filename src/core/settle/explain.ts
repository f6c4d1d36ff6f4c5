import type { RunIn, StopCause } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import type { TaskId } from '../model/task.ts';
import { NO_WORDS, STOP_FILE } from '../steer/verbs.ts';
import type { Draft } from '../tick/draft.ts';
import type { World } from '../tick/world.ts';
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

/**
 * Words that a person writes into the STOP file of a run that has settled are its reason. A task that is asked for again is not stopped by a file
 * that lay there before: it goes to that run's folder.
 */
export function takeLateWords(draft: Draft, world: World): void {
  for (const [id, signs] of world.signs) {
    const task = draft.tasks.get(id);
    if (task?.state !== 'failed' || task.run === null || !signs.known || signs.value.stop === null) continue;
    const run = draft.runs.get(task.run);
    if (run?.state !== 'settled') continue;
    const words = oneLine(signs.value.stop);
    const { message } = whole({ ...task.failure, message: words }, run);
    const isReason = task.failure.by === STOP_FILE && words !== '' && message !== task.failure.message;
    if (isReason) draft.task(id, { kind: 'reworded', message }, words);
    if (isReason || isAskedFor(world, id)) draft.act({ kind: 'put-aside', run: run.id, task: id });
  }
}

const isAskedFor = ({ requests, intents }: World, id: TaskId): boolean =>
  requests.some(({ verb, task }) => verb === 'retry' && task === id) ||
  intents.some((intent) => (intent.kind === 'retry' && intent.task === id) || (intent.kind === 'add' && `gh-${intent.number}` === id));
