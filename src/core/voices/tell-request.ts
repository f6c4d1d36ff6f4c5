import type { Request } from '../model/records.ts';
import type { Run, StreamFacts, Tell } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import { stateWords, type Task } from '../model/task.ts';
import { keepLetters, letterOf, lettersOf, takenAt } from '../steer/tells.ts';
import type { Draft } from '../tick/draft.ts';
import type { World } from '../tick/world.ts';
import { inHand } from '../watch/ladder.ts';
import { waited } from '../words/span.ts';

/** How long the person waits for the agent to take it up; what is queued by then is taken up without them. */
const ANSWERED_WITHIN: Ms = 10_000;
const LONGEST = 32_000;
const MOST = 20;

/** `tell`: the message becomes a letter once, and the command is answered with what came of it. */
export function tell(draft: Draft, world: World, now: Ms, request: Request): void {
  const task = request.task === null ? undefined : draft.tasks.get(request.task);
  if (task === undefined) return draft.answer(request.id, false, `there is no task ${request.task ?? ''}`);
  const given = findGiven(draft, task, request.id);
  if (given !== null) return answerGiven(draft, world, now, request, given);
  const letters = lettersOf(draft, task.id);
  if (letters.every(({ id }) => id !== request.id)) {
    const text = typeof request.args.text === 'string' ? request.args.text.trim() : '';
    if (text === '') return draft.answer(request.id, false, 'the message is empty');
    if (text.length > LONGEST)
      return draft.answer(request.id, false, `the message has ${text.length} characters, and the limit is ${LONGEST}: put it into a file`);
    if (letters.length >= MOST)
      return draft.answer(request.id, false, `${letters.length} messages wait for the next run of ${task.id} already`);
    keepLetters(draft, task.id, [letterOf(request, text)]);
  }
  const later = whyLater(draft, task);
  if (later !== null) draft.answer(request.id, true, later);
  else if (now >= request.at + ANSWERED_WITHIN)
    draft.answer(request.id, true, `${task.id}: queued: it comes with the first message of the run`);
  else draft.wake(request.at + ANSWERED_WITHIN);
}

interface Given {
  readonly run: Run;
  readonly tell: Tell;
}

function findGiven(draft: Draft, task: Task, id: number): Given | null {
  for (const run of draft.runs.values()) {
    const found = run.task === task.id ? run.tells?.find((one) => one.id === id) : undefined;
    if (found !== undefined) return { run, tell: found };
  }
  return null;
}

/** Null: the run in hand can still be told. Else what becomes of the message. */
function whyLater(draft: Draft, task: Task): string | null {
  if (task.state === 'pending') return `${task.id}: kept for the next run: it comes with its first message`;
  if (task.state !== 'active')
    return `${task.id}: kept for the next run: it is ${stateWords(task.state)}; \`tac8 retry ${task.id} --continue\` goes on with it`;
  const run = draft.runs.get(task.run);
  if (run === undefined || run.state === 'preparing' || run.state === 'starting') return null;
  if (run.state !== 'running' || run.inputEnded) return `${task.id}: kept for the next run: this one is ending`;
  return run.agent.can.steer === 'none' ? `${task.id}: kept for the next run: its agent takes no messages while it works` : null;
}

function answerGiven(draft: Draft, world: World, now: Ms, request: Request, given: Given): void {
  const { run, tell: told } = given;
  const stream = world.streams.get(run.id) ?? run.stream;
  const at = takenAt(told, run, stream);
  const until = request.at + ANSWERED_WITHIN;
  if (at !== null) {
    const how = told.via === 'prompt' ? ' with the first message of its run' : '';
    draft.answer(request.id, true, `${run.task}: taken up after ${waited(at - told.at)}${how}`);
  } else if (now < until) draft.wake(until);
  else draft.answer(request.id, true, `${run.task}: queued: ${whereItIs(told, run, stream)}`);
}

function whereItIs(told: Tell, run: Run, stream: StreamFacts): string {
  if (told.via === 'prompt') return 'it comes with the first message of the run';
  if (told.saidAt === null) return 'the agent does not read its input just now; tac8 says it again';
  if (stream.heard?.[told.uuid] === undefined) return 'the agent has been told, and has not acknowledged it yet';
  return inHand(run.agent, stream).kind === 'tool'
    ? 'the agent takes it up when its tool ends'
    : 'the agent takes it up when its reply ends';
}
