import { isFree } from '../limits/spend.ts';
import { addSpent, NOTHING } from '../limits/spending.ts';
import type { Failure } from '../model/failure.ts';
import { parkingOf } from '../model/fleet.ts';
import type { Ms } from '../model/seen.ts';
import { isDone, isRacer, type Race, rootOf, type Spent, type Task, type TaskId, type TaskIn } from '../model/task.ts';
import { agentNow } from '../route/agent-now.ts';
import { endRun, lastRun } from '../steer/verbs.ts';
import type { Draft } from '../tick/draft.ts';
import type { Policy } from '../tick/policy.ts';
import type { World } from '../tick/world.ts';
import { enterRace } from './begin.ts';
import { type Attempt, attemptWords, choiceWords, inRank, isGood } from './compare.ts';

/** Who ends an attempt that is not needed any more. */
export const RACE_OVER = 'tac8';

/** What becomes of attempts side by side: the best is chosen and handed over, and what they were for ends with them. */
export function keepRaces(draft: Draft, world: World, policy: Policy, now: Ms): void {
  for (const task of draft.tasks.eventful())
    if (task.state === 'pending' && task.race !== undefined) keep(draft, world, policy, task, task.race, now);
  for (const state of ['active', 'pending', 'blocked'])
    for (const racer of draft.tasks.eventful()) if (racer.state === state && isRacer(racer.id)) endWithIt(draft, racer, now);
}

function keep(draft: Draft, world: World, policy: Policy, task: TaskIn<'pending'>, race: Race, now: Ms): void {
  if (race.entering === true) return enterRace(draft, policy, task, race, now);
  const racers = race.racers.flatMap((id) => draft.tasks.get(id) ?? []);
  if (racers.length < race.racers.length) return;
  for (const racer of racers) follow(draft, task, racer);
  count(draft, task, racers);
  const winner = racers.find(({ id }) => id === race.winner);
  if (winner !== undefined) return handOver(draft, task, winner, now);
  const attempts = racers.map((racer): Attempt => ({ task: racer, run: lastRun(draft, racer) }));
  const good = inRank(attempts);
  if (racers.every(({ state }) => state === 'failed')) return fail(draft, task, attempts, now);
  if (good.length > 0 && !racers.some((racer) => isAwaited(draft, world, policy, racer, now))) choose(draft, task, race, attempts, now);
}

/** One that failed, asks a person or waits for its provider holds the others no longer than they work. */
function isAwaited(draft: Draft, world: World, policy: Policy, racer: Task, now: Ms): boolean {
  if (racer.state === 'active') return true;
  if (racer.state !== 'pending') return false;
  if (racer.last !== null && WAITS.has(racer.last.type)) return false;
  const agent = agentNow({ fleet: draft.fleet, today: world.today }, policy, racer, now);
  return parkingOf(draft.fleet, agent.login, now) === null;
}

const WAITS: ReadonlySet<Failure['type']> = new Set(['usage_limit', 'auth_error', 'billing_error', 'provider_error']);

function choose(draft: Draft, task: Task, race: Race, attempts: readonly Attempt[], now: Ms): void {
  const [best] = inRank(attempts);
  if (best?.run == null) return;
  const others = attempts.filter((one) => one !== best);
  const why = choiceWords(best, others);
  draft.task(task.id, { kind: 'raced', race: { ...race, winner: best.task.id, why } }, why);
  for (const { task: other } of others)
    if (!isGood({ task: other, run: null }) && other.state !== 'failed') giveUp(draft, other, best.task, now);
  draft.task(best.task.id, { kind: 'delivering', run: best.run.id, at: now }, `chosen: ${why}`);
  draft.run(best.run.id, { kind: 'deliver' }, 'chosen');
  draft.again();
}

/** It waits, and nobody needs it any more. */
function giveUp(draft: Draft, racer: Task, winner: Task, now: Ms): void {
  if (racer.state !== 'pending' && racer.state !== 'blocked') return;
  const meanwhile = racer.state === 'blocked' ? ' it asked a person' : racer.last === null ? '' : ` it waited after ${racer.last.type}`;
  const message = `${winner.id} was chosen ${meanwhile === '' ? 'meanwhile' : `while${meanwhile}`}`;
  const failure = { type: 'cancelled', message, by: RACE_OVER, at: now, cause: 'unneeded' } as const;
  draft.task(racer.id, { kind: 'failed', run: lastRun(draft, racer)?.id ?? null, at: now, failure, burned: false }, message);
}

/** The winner's end is the task's. */
function handOver(draft: Draft, task: Task, winner: Task, now: Ms): void {
  if (isDone(winner)) {
    const { run, commit, pull } = winner;
    draft.task(task.id, { kind: 'won', run, at: now, commit, pull }, `${winner.id} is handed over`);
  } else if (winner.state === 'failed') {
    const { run, failure } = winner;
    draft.task(task.id, { kind: 'failed', run, at: now, failure, burned: false }, `${winner.id}: ${failure.type}: ${failure.message}`);
  }
}

function fail(draft: Draft, task: Task, attempts: readonly Attempt[], now: Ms): void {
  // Whose run ended it: none, where a person ended the last of them while it waited.
  const failed = attempts.flatMap(({ task: racer }) => (racer.state === 'failed' ? [racer] : []));
  const { failure: last, run } = failed.reduce((one, other) => (other.failure.at >= one.failure.at ? other : one));
  const message = `no attempt got there: ${attempts.map(attemptWords).join('; ')}`;
  const { type, by } = last;
  const failure = { type, message, at: now, ...(by === undefined ? {} : { by }) };
  draft.task(task.id, { kind: 'failed', run, at: now, failure, burned: false }, message);
}

/** What they race for was cancelled, stopped or closed: so are they. */
function endWithIt(draft: Draft, racer: Task, now: Ms): void {
  const root = draft.tasks.get(rootOf(racer.id));
  if (root?.state !== 'failed' || root.race?.racers.includes(racer.id) !== true || root.failure.by === undefined) return;
  const { type, message, by, cause } = root.failure;
  const kind = type === 'killed' || type === 'stopped' ? type : 'cancelled';
  if (racer.state === 'active')
    return void (isUnended(draft, racer) && endRun(draft, racer.id, { type: kind, by, reason: message, at: now }));
  const failure = { type: kind, message, by, at: now, ...(kind === type && cause !== undefined ? { cause } : {}) } as const;
  draft.task(racer.id, { kind: 'failed', run: lastRun(draft, racer)?.id ?? null, at: now, failure, burned: false }, message);
}

const isUnended = (draft: Draft, racer: TaskIn<'active'>): boolean => draft.runs.get(racer.run)?.wanted === null;

/** The title and labels of the issue are theirs as well. */
function follow(draft: Draft, { title, labels }: Task, racer: Task): void {
  if (racer.title === title && racer.labels.join('\n') === labels.join('\n')) return;
  draft.task(racer.id, { kind: 'described', title, labels }, 'the issue changed');
}

/** What an attempt cost that ends after what it was for: that has cost as much more. */
export function countLate(draft: Draft, racer: TaskId): void {
  const root = draft.tasks.get(rootOf(racer));
  // While it waits for them, all are counted at each look.
  if (root?.race === undefined || root.state === 'pending' || !root.race.racers.includes(racer)) return;
  count(
    draft,
    root,
    root.race.racers.flatMap((id) => draft.tasks.get(id) ?? []),
  );
}

/** What all of them have cost, and the task before them. */
function count(draft: Draft, task: Task, racers: readonly Task[]): void {
  const { before } = task.race ?? {};
  const sum = (all: readonly (Spent | undefined)[]): Spent => all.flatMap((one) => one ?? []).reduce(addSpent, NOTHING);
  const spent = sum([before?.spent, ...racers.map((racer) => racer.spent)]);
  const spentInAll = sum([before?.spentInAll, ...racers.map((racer) => racer.spentInAll ?? racer.spent)]);
  const isSame = JSON.stringify([task.spent, task.spentInAll]) === JSON.stringify([spent, spentInAll]);
  if (!isSame && (spentInAll.tokens > 0 || !isFree(spentInAll))) draft.task(task.id, { kind: 'spent', spent, spentInAll }, '');
}
