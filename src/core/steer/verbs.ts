import type { Run, StopCause } from '../model/run.ts';
import { isUndelivered } from '../model/run-transition.ts';
import type { Ms } from '../model/seen.ts';
import { isRacer, type Resume, rootOf, type Task, type TaskId } from '../model/task.ts';
import type { PullSights } from '../review/pull-sights.ts';
import { isPullOver } from '../review/review.ts';
import type { Draft } from '../tick/draft.ts';
import type { World } from '../tick/world.ts';
import { meantBy, OUT, personsCause, raceOf } from './racers.ts';

/** Who laid it is not known. Without words in it the reason is just that. */
export const STOP_FILE = 'STOP file';
export const NO_WORDS = 'a STOP file';

/** Who ends a run whose issue another daemon has taken over. */
export const CLAIMED = 'another daemon';

/** The reason of a task that a person took out of the queue; it is not shown on the board. */
export const REMOVED = 'removed from tasks.md';

/** One code path for every way to cancel: board, label, command. Answers whether anything is to be ended or was taken out. */
export function cancelTask(draft: Draft, id: TaskId, by: string, reason: string, now: Ms, cause?: string): boolean {
  const task = draft.tasks.get(id);
  if (task === undefined) return false;
  draft.stopped.add(id);
  if (task.state === 'active') return endRun(draft, id, { type: 'cancelled', by, reason, at: now });
  const failure = { type: 'cancelled', message: reason, by, at: now, cause: cause ?? personsCause(draft.tasks, id) } as const;
  return draft.task(id, { kind: 'failed', run: task.state === 'blocked' ? task.run : null, at: now, failure, burned: false }, reason);
}

/** Ends the task's run for a cause; answers false when nothing runs. */
export function endRun(draft: Draft, id: TaskId, cause: StopCause): boolean {
  const task = draft.tasks.get(id);
  if (task?.state !== 'active') return false;
  draft.stopped.add(id);
  return draft.run(task.run, { kind: 'stop', cause }, `${cause.by}: ${cause.reason}`);
}

/** The last run of a task, as far as it was read: those that are not settled, and those that a command may mean. */
export function lastRun(draft: Draft, task: Task): Run | null {
  if ('run' in task && task.run !== null) return draft.runs.get(task.run) ?? null;
  const runs = [...draft.runs.values()].filter((run) => run.task === task.id);
  return runs.reduce<Run | null>((last, run) => (last === null || run.createdAt > last.createdAt ? run : last), null);
}

const AFRESH =
  'The pull request of the work before is merged or closed. You are on a fresh branch from the newest base: what was not merged is not in it.';

export interface Retry {
  readonly why: string;
  readonly now: Ms;
  /** An agent is to run again, though only the delivery of its work failed. */
  readonly wantsRun?: boolean;
  /** From the base as it is now, on a new branch; the one before is saved and dropped. */
  readonly fresh?: boolean;
  /** In the conversation of its last run, where there is one, told this first. */
  readonly goOn?: string;
  /** The issue bears the label by a complete list: taking it off cancels again. Otherwise the person's word alone keeps it. */
  readonly isLabelled: boolean;
  /** What was last seen of pulls. */
  readonly pulls: PullSights;
}

/** Arms a failed, blocked or completed task again, or one that waits for its next attempt; one code path for board and command. */
export function retryTask(draft: Draft, id: TaskId, retry: Retry): boolean {
  const task = draft.tasks.get(id);
  if (task === undefined || draft.stopped.has(id)) return false;
  if (task.race !== undefined) return retryRace(draft, task, retry);
  if (!isRacer(id)) return retryOne(draft, task, retry);
  const race = raceOf(draft.tasks, id);
  const isOut = race === null || (race.winner !== undefined && race.winner !== id);
  return !isOut && retryOne(draft, task, retry) && raceOn(draft, rootOf(id), retry);
}

/** Before one is chosen, all that did not get there; then the chosen one. */
function retryRace(draft: Draft, task: Task, retry: Retry): boolean {
  const meant = meantBy(draft.tasks, task).filter(({ state }) => task.race?.winner !== undefined || state !== 'completed');
  const again = meant.filter((racer) => !draft.stopped.has(racer.id) && retryOne(draft, racer, retry));
  return again.length > 0 && raceOn(draft, task.id, retry);
}

/** What was given up waits for its racers again. */
function raceOn(draft: Draft, id: TaskId, { isLabelled, why, now: at }: Retry): boolean {
  const task = draft.tasks.get(id);
  if (task?.state === 'failed' && task.race !== undefined)
    draft.task(id, { kind: 'rearmed', resume: null, armedBy: isLabelled ? 'label' : 'person', at, race: task.race }, why);
  return true;
}

function retryOne(
  draft: Draft,
  task: Task,
  { why, now, goOn, fresh = false, isLabelled, pulls, wantsRun = goOn !== undefined }: Retry,
): boolean {
  const { id } = task;
  if (!wantsRun && deliverAgain(draft, task, why, now)) return true;
  const afresh = isPullOver(task, pulls);
  const words = goOn === undefined ? null : `${whyStopped(task)}${goOn}${afresh ? `\n\n${AFRESH}` : ''}`;
  const resume = words === null ? null : resumeOf(lastRun(draft, task), words);
  const armedBy = isLabelled ? 'label' : 'person';
  return draft.task(
    id,
    { kind: 'rearmed', resume, armedBy, at: now, ...(afresh ? { afresh } : {}), ...(fresh ? { drop: fresh } : {}) },
    why,
  );
}

/** The agent that goes on was cut off in its work: it heard neither that a person did so, nor what they said. */
export function whyStopped(task: Task): string {
  if (task.state !== 'failed' || (task.failure.type !== 'stopped' && task.failure.type !== 'killed')) return '';
  const { cause, message } = task.failure;
  if (cause !== undefined && cause !== 'person' && cause !== OUT) return '';
  const isSilent = message === NO_WORDS || /^(?:stop|kill) by command$/.test(message);
  return isSilent ? 'A person stopped you.\n\n' : `A person stopped you and said: ${message}\n\n`;
}

/** Work whose push or pull was refused is delivered again, and no agent runs. */
function deliverAgain(draft: Draft, task: Task, why: string, now: Ms): boolean {
  const last = lastRun(draft, task);
  if (last === null || !isUndelivered(last) || task.state !== 'failed') return false;
  if (!draft.task(task.id, { kind: 'delivering', run: last.id, at: now }, why)) return false;
  return draft.run(last.id, { kind: 'deliver' }, why);
}

export const isLabelled = (world: World, id: TaskId): boolean =>
  world.issues.known && world.issues.value.some((issue) => `gh-${issue.number}` === rootOf(id));

/** A run that never said a word has no conversation, unless it was to go on in an earlier one. */
export function resumeOf(last: Run | null, message: string): Resume | null {
  const session = last?.stream.session ?? (last?.resumes == null ? null : last.session);
  if (last === null || session === null) return null;
  return { run: last.id, session, kind: last.agent.kind, message, because: null, ...refusalOf(last) };
}

/** What is in the way of its commits, for the run that goes on: it need not try again to meet the same. */
export function refusalOf({ stream, resumes }: Run): Pick<Resume, 'refused'> {
  const refused = stream.commitRefused === undefined ? resumes?.refused : stream.commitRefused;
  return typeof refused === 'string' ? { refused } : {};
}
