import { agentCalled, agentName, canGoOn, noAgent } from '../agent/which.ts';
import { parkings } from '../model/fleet.ts';
import { type Request, UNHEARD } from '../model/records.ts';
import type { StopCause } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import { type Priority, stateWords, type Task, type TaskId } from '../model/task.ts';
import { isPullOver } from '../review/review.ts';
import { agentNow } from '../route/agent-now.ts';
import { meantBy, personsCause } from '../steer/racers.ts';
import { keepLetters, letterOf } from '../steer/tells.ts';
import { cancelTask, endRun, isLabelled, lastRun, retryTask } from '../steer/verbs.ts';
import type { Draft } from '../tick/draft.ts';
import type { Policy } from '../tick/policy.ts';
import type { World } from '../tick/world.ts';
import { endWords } from '../words/end-words.ts';
import { ATTACH, attach, HAND_BACK, handBack } from './attach-request.ts';
import { newTask } from './intake.ts';
import { isPersonsWord, NOT_HEARD } from './persons-word.ts';
import { tell } from './tell-request.ts';

/** Commands wait in the store until what they asked for has happened; the answer says what happened, not what was asked. */
export function takeRequests(draft: Draft, world: World, policy: Policy, now: Ms): void {
  for (const request of world.requests) takeRequest(draft, world, policy, now, request);
}

/** Ends every worker by the ladder; they go on in the same conversation at the next start. */
export const STOP_WORKERS = 'stop-workers';

/** Verbs of `tac8 board`: take a held edit in as it is, or put the board back over it. */
export const ACCEPT_EDIT = 'accept-edit';
export const RESTORE_BOARD = 'restore-board';

/** Verb of `tac8 clean --apply` while a daemon runs. */
export const CLEAN = 'clean';

/** An accepted edit was let through when the board was read; if it is held all the same, it is not the one that was meant. */
function answerHeldEdit(draft: Draft, world: World, request: Request): void {
  if (request.verb === RESTORE_BOARD) {
    draft.restoreBoard = true;
    draft.answer(request.id, true, 'the board is put back; the edit is kept as a copy in .tac8/board/copies');
  } else if (world.isEditHeld)
    draft.answer(request.id, false, 'tasks.md was changed again meanwhile: look at `tac8 status` and accept again');
  else draft.answer(request.id, true, 'the edit is taken in as it is');
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

function takeRequest(draft: Draft, world: World, policy: Policy, now: Ms, request: Request): void {
  const task = request.task === null ? null : (draft.tasks.get(request.task) ?? null);
  const isNobodys = world.hearsPersons && request.by === undefined && isPersonsWord(request.verb, task);
  if (isNobodys || request.verb === UNHEARD) return draft.answer(request.id, false, `${NOT_HEARD}. Say it again while the daemon runs`);
  if (task?.race !== undefined && OF_EACH.has(request.verb)) return askEach(draft, world, policy, now, request, task);
  takeOne(draft, world, policy, now, request);
}

function takeOne(draft: Draft, world: World, policy: Policy, now: Ms, request: Request): void {
  switch (request.verb) {
    case 'stop':
    case 'kill':
    case 'cancel':
      end(draft, now, request, request.verb);
      return;
    case STOP_WORKERS:
      stopWorkers(draft, world, now, request);
      return;
    case 'retry':
      retry(draft, world, policy, now, request);
      return;
    case 'tell':
      tell(draft, world, now, request);
      return;
    case 'pause':
    case 'resume':
      pause(draft, now, request, request.verb === 'pause');
      return;
    case ATTACH:
      attach(draft, now, request);
      return;
    case HAND_BACK:
      handBack(draft, world, now, request);
      return;
    case 'add':
      add(draft, policy, now, request);
      return;
    case 'priority':
      prioritise(draft, request);
      return;
    case CLEAN:
      // Answered by the housekeeping, once it is done.
      return;
    case ACCEPT_EDIT:
    case RESTORE_BOARD:
      answerHeldEdit(draft, world, request);
      return;
    default:
      draft.answer(request.id, false, `unknown verb: ${request.verb}`);
  }
}

/** Verbs that are for each of the attempts at a task. */
const OF_EACH: ReadonlySet<string> = new Set(['stop', 'kill', 'cancel', 'retry', 'tell', 'pause', 'resume', 'priority', ATTACH, HAND_BACK]);

/** Before one of several attempts is chosen a word is for all of them, afterwards for that one. Answered when each of them is. */
function askEach(draft: Draft, world: World, policy: Policy, now: Ms, request: Request, task: Task): void {
  const { verb } = request;
  const meant = meantBy(draft.tasks, task);
  const isOne = verb === ATTACH || verb === HAND_BACK || (verb === 'retry' && text(request.args.agent) !== null);
  if (isOne && meant.length !== 1)
    return draft.answer(request.id, false, `several agents work on ${task.id}: name one of ${meant.map(({ id }) => id).join(', ')}`);
  const isEnd = verb === 'stop' || verb === 'kill' || verb === 'cancel';
  if (isEnd && task.race?.winner === undefined && task.state === 'pending') giveUp(draft, now, request, verb);
  const asked = meant.filter(({ state }) => verb !== 'retry' || meant.length === 1 || state !== 'completed');
  const answers = asked.map(({ id }) => draft.answersTo(() => takeOne(draft, world, policy, now, { ...request, task: id })).at(-1));
  if (verb === 'pause' || verb === 'resume')
    draft.task(task.id, { kind: 'paused', at: verb === 'pause' ? (task.pausedAt ?? now) : null }, `${verb} by command`);
  if (verb === 'priority') draft.answersTo(() => takeOne(draft, world, policy, now, request));
  if (answers.some((one) => one === undefined)) return;
  const good = answers.filter((one) => one?.ok === true);
  const told = (good.length > 0 ? good : answers).flatMap((one) => one?.message ?? []);
  draft.answer(request.id, good.length > 0, told.length === 0 ? `there is nothing of ${task.id} that could be meant` : told.join('; '));
}

/** All of the attempts end with it. */
function giveUp(draft: Draft, now: Ms, request: Request, verb: 'stop' | 'kill' | 'cancel'): void {
  if (request.task === null) return;
  const message = text(request.args.reason) ?? `${verb} by command`;
  const failure = { type: ENDED_BY[verb], message, by: `tac8 ${verb}`, at: now, cause: 'person' } as const;
  draft.stopped.add(request.task);
  draft.task(request.task, { kind: 'failed', run: null, at: now, failure, burned: false }, message);
}

const ENDED_BY: Readonly<Record<'stop' | 'kill' | 'cancel', StopCause['type'] & ('stopped' | 'killed' | 'cancelled')>> = {
  stop: 'stopped',
  kill: 'killed',
  cancel: 'cancelled',
};

function end(draft: Draft, now: Ms, request: Request, verb: 'stop' | 'kill' | 'cancel'): void {
  const task = request.task === null ? undefined : draft.tasks.get(request.task);
  if (task === undefined) return draft.answer(request.id, false, `there is no task ${request.task ?? ''}`);
  const reason = text(request.args.reason) ?? `${verb} by command`;
  const by = `tac8 ${verb}`;
  if (task.state === 'active') {
    endRun(draft, task.id, { type: ENDED_BY[verb], by, reason, at: now });
    return;
  }
  // A request that lies ahead was written before the clock was set back: an end by its own word came after it all the same.
  const since = request.at > now && task.state === 'failed' && task.failure.by === by ? Number.NEGATIVE_INFINITY : request.at;
  if (task.state === 'failed' && task.failure.at >= since) {
    const { failure } = task;
    const other = failure.by === by ? '' : ` — ${failure.by === undefined ? '' : `${failure.by}: `}${failure.message}`;
    return draft.answer(request.id, true, `${endWords(task, failure, lastRun(draft, task))}${other}`);
  }
  if (verb === 'cancel' && cancelTask(draft, task.id, by, reason, now))
    return draft.answer(request.id, true, `${task.id} cancelled; it was not running`);
  if (task.state === 'pending' && task.last !== null) {
    const failure = { type: ENDED_BY[verb], message: reason, by, at: now, cause: personsCause(draft.tasks, task.id) } as const;
    draft.stopped.add(task.id);
    draft.task(task.id, { kind: 'failed', run: lastRun(draft, task)?.id ?? null, at: now, failure, burned: false }, reason);
    return draft.answer(request.id, true, `${task.id} ${failure.type}: it was waiting for its next attempt, which will not come now`);
  }
  if (task.state === 'review') return rest(draft, task, reason, request, now);
  draft.answer(request.id, false, notRunning(task));
}

/** Nothing of it runs, but its pull goes on: rounds begin, and it is merged. */
function rest(draft: Draft, { id, pausedAt }: Task, reason: string, request: Request, now: Ms): void {
  draft.stopped.add(id);
  if (pausedAt === null) draft.task(id, { kind: 'paused', at: now }, reason);
  const words = 'no round of it begins, and tac8 has its pull merged no more';
  draft.answer(
    request.id,
    true,
    `${id} is in review, where no worker runs: it is paused${pausedAt === null ? '' : ' already'}; ${words} until \`tac8 resume ${id}\``,
  );
}

const notRunning = ({ id, state }: Task): string => `${id} is not running: it is ${stateWords(state)}`;

/** Why nothing can come of a command at the next start either; null: something may. `task` null: nobody knows such a one. */
export function whyNever(verb: string, id: TaskId, task: Task | null): string | null {
  if (task === null) return `there is no task ${id}`;
  const ends = verb === 'stop' || verb === 'kill';
  return ends && task.state !== 'active' && task.state !== 'pending' && task.state !== 'review' ? notRunning(task) : null;
}

function stopWorkers(draft: Draft, world: World, now: Ms, request: Request): void {
  // Asked of a daemon that left before it heard of it: not meant for the workers that this one took up.
  if (!world.draining) return draft.answer(request.id, false, 'this daemon is not leaving: its workers stay');
  const active = draft.tasks.in('active');
  const cause = {
    type: 'interrupted',
    by: 'tac8 stop --stop-workers',
    reason: 'the daemon leaves and takes its workers along',
    at: now,
  } as const;
  for (const task of active) endRun(draft, task.id, cause);
  draft.answer(
    request.id,
    true,
    `${active.length === 1 ? '1 worker is' : `${active.length} workers are`} being ended; the next start goes on in the same conversations`,
  );
}

function retry(draft: Draft, world: World, policy: Policy, now: Ms, request: Request): void {
  const id = request.task;
  const task = id === null ? undefined : draft.tasks.get(id);
  if (task === undefined) return draft.answer(request.id, false, `there is no task ${id ?? ''}`);
  const message = text(request.args.message);
  const name = text(request.args.agent);
  const agent = name === null ? null : agentCalled(policy, name);
  if (name !== null && agent === null) return draft.answer(request.id, false, noAgent(policy.agents, name));
  const goOn = request.args.continue === true ? { goOn: message ?? 'Go on where you stopped.' } : {};
  const fresh = request.args.fresh === true;
  const whyNot = fresh ? whyNotFresh(world, task, 'goOn' in goOn) : null;
  if (whyNot !== null) return draft.answer(request.id, false, whyNot);
  const wantsRun = message !== null || 'goOn' in goOn || agent !== null || fresh;
  const done = retryTask(draft, task.id, {
    why: 'retry by command',
    now,
    isLabelled: isLabelled(world, task.id),
    pulls: world.pullSights,
    wantsRun,
    fresh,
    ...goOn,
  });
  for (const { login, parking } of done ? parkings(draft.fleet) : [])
    if (parking.until === null) draft.changeFleet({ kind: 'unparked', ...(login !== undefined && { login }) });
  const refused = draft.stopped.has(task.id)
    ? `${task.id} was stopped at the same moment`
    : `${task.id} is ${stateWords(task.state)}: nothing to retry`;
  if (!done) return draft.answer(request.id, false, refused);
  if (name !== null) draft.task(task.id, { kind: 'assigned', agent: name }, `retry --agent ${name}`);
  const next = draft.tasks.get(task.id);
  if (next?.state === 'active') return draft.answer(request.id, true, `the work of ${task.id} is delivered again; no agent runs`);
  const gets = next?.state === 'pending' ? agentNow({ ...world, fleet: draft.fleet }, policy, next, now) : null;
  const resumes =
    next?.state === 'pending' && next.resume !== null && gets !== null && canGoOn(next.resume, lastRun(draft, task)?.agent, gets);
  if (message !== null && !resumes) keepLetters(draft, task.id, [letterOf(request, message)]);
  const how = !('goOn' in goOn) ? '' : resumes ? ', in the same conversation' : '; there is no conversation to go on in: a fresh attempt';
  const whose = agent === null ? '' : ` for ${agentName(agent)}`;
  const anew = fresh ? `, on a new branch from the base; ${task.branch} is saved and dropped as it starts` : '';
  draft.answer(request.id, true, `${task.id} is in the queue again${whose}${how}${anew}`);
}

/** Its branch is on an open pull: whoever drops it there closes the pull first. */
function whyNotFresh({ pulls, pullSights }: World, task: Task, goesOn: boolean): string | null {
  if (goesOn) return 'a fresh branch and the same conversation do not go together: give --fresh or --continue';
  if (task.pull === null || isPullOver(task, pullSights)) return null;
  const { number } = task.pull;
  if (!pulls.known) return `tac8 does not know whether pull #${number} of ${task.id} is open: ${pulls.because}`;
  if (!pulls.value.some((pull) => pull.number === number)) return null;
  return `${task.id} has the open pull #${number}: close it, then \`tac8 retry ${task.id} --fresh\``;
}

function pause(draft: Draft, now: Ms, request: Request, on: boolean): void {
  const { fleet } = draft;
  const task = request.task === null ? null : draft.tasks.get(request.task);
  if (task === undefined) return draft.answer(request.id, false, `there is no task ${request.task}`);
  const since = task === null ? fleet.pausedAt : task.pausedAt;
  const isSo = on ? since !== null : since === null && (task !== null || parkings(fleet).length === 0);
  const name = task === null ? 'the fleet' : task.id;
  if (isSo) return draft.answer(request.id, true, `${name} ${on ? 'is paused already' : 'was not paused'}: nothing changes`);
  if (task === null) draft.changeFleet(on ? { kind: 'paused', at: now } : { kind: 'resumed' });
  else draft.task(task.id, { kind: 'paused', at: on ? now : null }, `${request.verb} by command`);
  draft.answer(request.id, true, on ? `${name} is paused: ${pausedWords(draft, task)}` : `${name} resumed`);
}

/** What the pause does now: to the fleet, or to this task. */
function pausedWords(draft: Draft, task: Task | null): string {
  const workers = draft.tasks.in('active').length;
  if (task === null && workers === 0) return 'nothing new starts';
  if (task === null)
    return `nothing new starts; ${workers === 1 ? 'the running worker goes on to its' : `the ${workers} running workers go on to their`} end`;
  if (task.state === 'active') return 'its worker goes on to its end, and no other run of it starts';
  return task.state === 'pending' ? 'it does not start' : `it is ${stateWords(task.state)}, and does not start if it is taken up again`;
}

function add(draft: Draft, policy: Policy, now: Ms, request: Request): void {
  const title = text(request.args.title);
  if (title === null) return draft.answer(request.id, false, 'a task needs a title');
  const id: TaskId = `local-${draft.fleet.nextLocal}`;
  draft.addTask(newTask(id, title, policy, now, { priority: priorityOf(request) ?? 2 }), 'tac8 add');
  draft.answer(request.id, true, `${id} added`);
}

function prioritise(draft: Draft, request: Request): void {
  const priority = priorityOf(request);
  if (priority === null) return draft.answer(request.id, false, 'a priority is 0, 1, 2 or 3');
  const ok = request.task !== null && draft.task(request.task, { kind: 'prioritised', priority }, 'priority by command');
  draft.answer(request.id, ok, ok ? `${request.task} has priority ${priority}` : `there is no task ${request.task ?? ''}`);
}

function priorityOf(request: Request): Priority | null {
  const value = request.args.priority;
  return value === 0 || value === 1 || value === 2 || value === 3 ? value : null;
}
