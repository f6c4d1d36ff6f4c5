import { type Chore, nameOf } from '../model/household.ts';
import type { Request } from '../model/records.ts';
import type { Ms } from '../model/seen.ts';
import type { Draft } from '../tick/draft.ts';
import type { Policy } from '../tick/policy.ts';
import type { World } from '../tick/world.ts';
import { CLEAN } from '../voices/requests.ts';
import { WORKTREE_ERRORS_BOUND } from './health.ts';
import { watchMain } from './main-checkout.ts';
import { judgeHousehold } from './removals.ts';

/** What is done beside the runs: snapshots while they go on, and what nobody needs any more. Comes last; starts and stops never wait for it. */
export function keepHouse(draft: Draft, world: World, policy: Policy, now: Ms): void {
  snapshotRuns(draft, world, policy, now);
  measureRuns(draft, world, policy, now);
  watchMain(draft, world, now);
  cleanUp(draft, world, policy, now);
}

/** A save that finds nothing new is nothing: asked for by the clock alone, of each worker that runs. */
function snapshotRuns(draft: Draft, world: World, policy: Policy, now: Ms): void {
  for (const run of draft.runs.values()) {
    if (run.state !== 'running') continue;
    const due = (world.upkeep.snapshots.get(run.id) ?? run.startedAt) + policy.saveEvery;
    const chore: Chore = { kind: 'snapshot', task: run.task, run: run.id, why: 'while it runs' };
    const refused = world.upkeep.refused.get(nameOf(chore));
    if (refused !== undefined) draft.note(run.task, `its work could not be saved: ${refused.message}`);
    if (now < due) draft.wake(due);
    else ask(draft, world, chore, now);
  }
}

/** So often a worker's disk is looked at, and of its time, which goes with the number of files, at most one part in so many. */
const MEASURE_EVERY: Ms = 10_000;
const SELDOM = 20;

function measureRuns(draft: Draft, world: World, policy: Policy, now: Ms): void {
  if (policy.limits.diskBytes === null) return;
  for (const run of draft.runs.values()) {
    if (run.state !== 'running' || run.machine !== undefined) continue;
    const last = world.upkeep.measured.get(run.id);
    const chore: Chore = { kind: 'measure', task: run.task, run: run.id, why: 'limits.disk' };
    const refused = world.upkeep.refused.get(nameOf(chore));
    if (refused !== undefined) draft.note(run.task, `tac8 does not know how much disk it uses: ${refused.message}`);
    const due = last === undefined ? run.startedAt + MEASURE_EVERY : last.at + last.took + Math.max(MEASURE_EVERY, SELDOM * last.took);
    if (now < due || (refused?.until ?? 0) > now) draft.wake(Math.max(due, refused?.until ?? 0));
    else ask(draft, world, chore, now);
  }
}

/** Nothing is removed on a look that failed, nor on one that is older than the person's wish. */
function cleanUp(draft: Draft, world: World, policy: Policy, now: Ms): void {
  const { household, owners, worktreeErrors, tooManySince } = world.upkeep;
  const wishes = world.requests.filter(({ verb }) => verb === CLEAN);
  const emergency = worktreeErrors > WORKTREE_ERRORS_BOUND;
  if (!household.known) {
    if (emergency)
      draft.note(null, `${worktreeErrors} worktree errors: tac8 cleans up worktrees once it can look at them: ${household.because}`);
    for (const { id } of household.since > 0 ? wishes : []) draft.answer(id, false, `nothing is removed: ${household.because}`);
    return;
  }
  const { remove } = judgeHousehold(household.value, owners, policy.keep, emergency, now);
  const refused = (chore: Chore): string | null => {
    const last = world.upkeep.refused.get(nameOf(chore));
    return last !== undefined && last.until > now ? last.message : null;
  };
  const left = remove.filter((chore) => refused(chore) === null);
  for (const chore of left) ask(draft, world, chore, now);
  if (left.length > 0) return;
  const failed = remove.flatMap((chore) => refused(chore) ?? []);
  // What was made since the last look may be what has to go.
  if (emergency && tooManySince !== null && household.at >= tooManySince) endEmergency(draft, worktreeErrors, failed);
  for (const wish of wishes) answerWish(draft, wish, household.at, failed);
}

function endEmergency(draft: Draft, errors: number, failed: readonly string[]): void {
  const how = failed.length === 0 ? 'removed what no live or resumable task owns' : `not removed: ${failed.join('; ')}`;
  draft.say('cleaned-up', `after ${errors} worktree errors: ${how}`);
  draft.reset('worktree_errors');
}

function answerWish(draft: Draft, { id, at }: Request, lookedAt: Ms, failed: readonly string[]): void {
  if (lookedAt < at) return;
  if (failed.length === 0) draft.answer(id, true, 'done: nothing is left to remove');
  else draft.answer(id, false, `not removed: ${failed.join('; ')}`);
}

/** Once at a time, and not before a refusal is old. */
function ask(draft: Draft, world: World, chore: Chore, now: Ms): void {
  const refused = world.upkeep.refused.get(nameOf(chore));
  if (world.upkeep.busy.has(nameOf(chore)) || (refused !== undefined && refused.until > now)) return;
  draft.chore(chore);
}
