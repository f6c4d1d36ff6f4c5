import type { Request } from '../model/records.ts';
import type { Run } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import { stateWords, type Task } from '../model/task.ts';
import { endRun, isLabelled, lastRun, retryTask } from '../steer/verbs.ts';
import type { Draft } from '../tick/draft.ts';
import type { World } from '../tick/world.ts';
import { endWords } from '../words/end-words.ts';

/*
 * A person takes the conversation of a task over, and gives it back. Meanwhile the task is paused, which is durable: whatever happens
 * to the person's terminal, to the daemon or to the machine, no worker comes into a conversation that a person is in. Where nobody
 * gives it back it stays paused, and `status` and `why` say so.
 */

/** Verbs of `tac8 attach`. */
export const ATTACH = 'attach';
export const HAND_BACK = 'hand-back';
/** Who ended the run. */
export const ATTACH_BY = 'tac8 attach';

const HANDED_BACK =
  'A person has worked with you in this conversation and hands it back to you. Look at the state of the worktree, then go on.';

/** Holds the task back and ends its worker by the ladder; answered when nothing of it runs any more. */
export function attach(draft: Draft, now: Ms, request: Request): void {
  const task = taskOf(draft, request);
  if (task === undefined) return draft.answer(request.id, false, `there is no task ${request.task ?? ''}`);
  if (lastRun(draft, task)?.agent.can.attach === false)
    return draft.answer(request.id, false, `the agent of ${task.id} has no conversation that a person could open`);
  if (task.pausedAt === null) draft.task(task.id, { kind: 'paused', at: now }, ATTACH_BY);
  if (task.state === 'active') {
    endRun(draft, task.id, { type: 'interrupted', by: ATTACH_BY, reason: 'a person takes the conversation over', at: now });
    return;
  }
  draft.answer(request.id, true, whatEnded(draft, task, request));
}

const taskOf = (draft: Draft, request: Request): Task | undefined => (request.task === null ? undefined : draft.tasks.get(request.task));

/** A run that was ended since the person asked is told of; else that there was none. */
function whatEnded(draft: Draft, task: Task, request: Request): string {
  const run = lastRun(draft, task);
  const failure = task.state === 'failed' ? task.failure : task.state === 'pending' ? task.last : null;
  if (failure !== null && run !== null && endedSince(run, request.at)) return endWords(task, failure, run);
  return `${task.id} is ${stateWords(task.state)}: no worker runs`;
}

const endedSince = (run: Run, at: Ms): boolean =>
  (run.state === 'ended' || run.state === 'settled') && run.cause !== null && run.cause.at >= at;

/** Goes on in the conversation as the person left it. `paused: true`: it was paused before they came, and stays so. */
export function handBack(draft: Draft, world: World, now: Ms, request: Request): void {
  const task = taskOf(draft, request);
  if (task === undefined) return draft.answer(request.id, false, `there is no task ${request.task ?? ''}`);
  const run = task.state === 'active' ? draft.runs.get(task.run) : undefined;
  // The worker is still being ended for the attach that comes before this.
  if (run?.wanted?.by === ATTACH_BY) return;
  const message = typeof request.args.message === 'string' && request.args.message !== '' ? request.args.message : HANDED_BACK;
  const goesOn = retryTask(draft, task.id, {
    why: 'handed back by a person',
    now,
    goOn: message,
    isLabelled: isLabelled(world, task.id),
    pulls: world.pullSights,
  });
  const staysPaused = request.args.paused === true;
  if (!staysPaused && task.pausedAt !== null) draft.task(task.id, { kind: 'paused', at: null }, 'handed back by a person');
  const next = draft.tasks.get(task.id);
  const how = next?.state === 'pending' && next.resume !== null ? ': it goes on in the same conversation' : '';
  const rest = staysPaused ? `; it is still paused: \`tac8 resume ${task.id}\` lets it go on` : '';
  draft.answer(request.id, true, goesOn ? `${task.id} is handed back${how}${rest}` : `${task.id} is ${stateWords(task.state)}${rest}`);
}
