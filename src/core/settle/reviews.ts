import { NEEDS_YOU } from '../model/gate.ts';
import type { Ms } from '../model/seen.ts';
import type { PullOver, Task, TaskIn } from '../model/task.ts';
import { type PullSight, unmergedAt } from '../review/pull-sights.ts';
import { endOfReview, endOfRound } from '../review/review.ts';
import { heardAfter, messageOf, type Wish, wishOf, wordsOf } from '../review/rounds.ts';
import { keepLetters, letterOf } from '../steer/tells.ts';
import { isLabelled, lastRun, resumeOf } from '../steer/verbs.ts';
import type { Draft } from '../tick/draft.ts';
import type { Policy } from '../tick/policy.ts';
import type { World } from '../tick/world.ts';
import { LABEL_GONE } from '../voices/intake.ts';

const WORDS: Readonly<Record<PullOver['how'], string>> = {
  merged: 'was merged',
  closed: 'was closed without a merge',
  unfollowed: 'is not followed any more: pulls.follow is off',
};

export const overWords = (task: Task, how: PullOver['how']): string => `pull #${task.pull?.number ?? ''} ${WORDS[how]}`;

/**
 * A round whose pull was merged or closed meanwhile has nothing left to work for: it is ended as a stop is, its work is saved, and the task is
 * completed as the pull is. A merge completes also what has failed, or asks a question, since.
 */
export function endRounds(draft: Draft, world: World, policy: Policy, now: Ms): void {
  if (!policy.pulls.follow) return;
  for (const task of [
    ...draft.tasks.in('active'),
    ...draft.tasks.in('pending'),
    ...draft.tasks.in('blocked'),
    ...draft.tasks.in('failed'),
  ]) {
    const end = endOfRound(task, world.pullSights, policy.pulls);
    if (end === null) continue;
    const why = overWords(task, end.how);
    if (task.state === 'active') stopRound(draft, task, why, now);
    else if (task.state === 'pending' || end.how === 'merged') completeRound(draft, task, end, why, now);
  }
}

/** One that has ended by itself is settled as far as it came. */
function stopRound(draft: Draft, task: TaskIn<'active'>, reason: string, now: Ms): void {
  const run = draft.runs.get(task.run);
  if (run === undefined || run.state === 'ended' || run.state === 'settled') return;
  draft.run(task.run, { kind: 'stop', cause: { type: 'cancelled', by: LABEL_GONE, reason, at: now } }, reason);
}

function completeRound(draft: Draft, task: Task, end: NonNullable<ReturnType<typeof endOfRound>>, why: string, now: Ms): void {
  const known = 'run' in task ? task.run : task.state === 'pending' ? task.resume?.run : undefined;
  const run = known ?? lastRun(draft, task)?.id;
  if (run === undefined) return;
  const { at, how, commit } = end;
  draft.task(task.id, { kind: 'over', run, at: now, commit, over: { at, how } }, why);
}

/** Tasks whose pull was merged or closed are completed for good. */
export function endReviews(draft: Draft, world: World, policy: Policy, now: Ms): void {
  for (const task of draft.tasks.in('review')) {
    const over = endOfReview(task, world.pullSights, policy.pulls, now);
    if (over !== null) draft.task(task.id, { kind: 'reviewed', over }, overWords(task, over.how));
  }
}

/** Work on an open pull goes on where its checks are red or a person asks for more. */
export function beginRounds(draft: Draft, world: World, policy: Policy, now: Ms): void {
  if (!policy.pulls.follow) return;
  for (const task of draft.tasks.in('review')) {
    const sight = task.pull === null ? undefined : world.pullSights.get(task.pull.number);
    const wish = wishOf(task, sight, world.calls.get(task.id) ?? [], policy.pulls);
    if (wish === null) noteLetGo(draft, task, sight);
    if (wish === null || draft.stopped.has(task.id)) continue;
    const held = whyHeld(world, task, wish, policy);
    if (held === null && wish.kind === 'round') begin(draft, task, wish, now);
    else if (wish.kind === 'used up') draft.note(task.id, noteOf(task, wordsOf(wish.calls), held ?? ''), null, NEEDS_YOU);
    else draft.note(task.id, noteOf(task, wordsOf(wish.calls), held ?? ''));
  }
}

const TAKE_BACK = 'needs a person: switch auto-merge off there, or take it out of the merge queue';

const noteOf = ({ pull }: Task, what: string, why: string): string => `pull #${pull?.number ?? ''}: ${what}: ${why}`;

/**
 * The forge does not merge it any more, and nothing is left that an agent is asked to mend. Who took it out knows of it. Or nobody wants the merge
 * any more, and the forge cannot be told.
 */
function noteLetGo(draft: Draft, task: TaskIn<'review'>, sight: PullSight | undefined): void {
  const unmerged = sight?.task === task.id ? unmergedAt(sight) : null;
  if (unmerged?.takenBack === false) draft.note(task.id, noteOf(task, unmerged.why, TAKE_BACK), null, NEEDS_YOU);
  const gone = unmerged?.letGo;
  if (gone === undefined || gone.why === 'person') return;
  draft.note(task.id, noteOf(task, gone.words, 'needs a person: whoever may write has it merged there'), null, NEEDS_YOU);
}

/** Somebody has opened a pull again that was closed without a merge: its task is in review again. */
export function reopenReviews(draft: Draft, world: World, policy: Policy): void {
  if (!policy.pulls.follow) return;
  for (const task of draft.tasks.in('completed')) {
    const sight = task.pull === null ? undefined : world.pullSights.get(task.pull.number);
    if (task.over?.how !== 'closed' || sight?.task !== task.id || sight.state !== 'open' || sight.at <= task.over.at) continue;
    draft.task(task.id, { kind: 'reopened' }, `pull #${sight.number} is open again`);
  }
}

/** Why no round follows; null: one does. */
function whyHeld(world: World, task: TaskIn<'review'>, wish: Wish, { pulls, label }: Policy): string | null {
  if (wish.kind === 'used up')
    return `needs a person: builds have had all of their rounds (pulls.rounds: ${pulls.rounds}); \`tac8 retry ${task.id} --continue\` begins one more`;
  // Whoever takes the label off wants no more work on it, though what is done stays.
  if (task.armedBy === 'label' && !world.issues.known) return 'tac8 does not know whether its issue still bears the label';
  if (task.armedBy === 'label' && !isLabelled(world, task.id)) return `no round is begun: its issue is closed or lost the label ${label}`;
  return null;
}

function begin(draft: Draft, task: TaskIn<'review'>, wish: Wish & { kind: 'round' }, now: Ms): void {
  const message = messageOf(wish.calls);
  const last = lastRun(draft, task);
  const resume = last?.agent.can.resume === false ? null : resumeOf(last, message);
  const why = `pull #${task.pull?.number ?? ''}: ${wordsOf(wish.calls)}`;
  if (!draft.task(task.id, { kind: 'round', resume, heard: heardAfter(task, wish) }, why)) return;
  // Without a conversation to go on in, the words come with the first message of a fresh one.
  if (resume !== null) return;
  const { uuid } = letterOf({ id: task.pull?.number ?? 0, at: now }, message);
  keepLetters(draft, task.id, [{ id: now, uuid, text: message, at: now, by: 'pull' }]);
}
