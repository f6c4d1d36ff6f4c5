import { systemClock } from '../adapters/machine/clock.ts';
import type { LockHolder } from '../adapters/store/lock/lock.ts';
import type { TaskRow } from '../api/row.ts';
import { isHeldUp } from '../core/explain/held-up.ts';
import { type Health, healthOf, lastRuns } from '../core/household/health.ts';
import { MACHINES_FACT, type MachinesFact } from '../core/limits/machines-seen.ts';
import { moneyOf } from '../core/limits/spend.ts';
import { TOTALS_FACT } from '../core/limits/totals.ts';
import { USAGE_FACT, type UsageFact } from '../core/limits/usage.ts';
import { ALERTS_FACT, type Book } from '../core/model/alert.ts';
import { endOf, type Fleet, isParked, NEW_FLEET } from '../core/model/fleet.ts';
import { NEEDS_YOU } from '../core/model/gate.ts';
import type { Counters } from '../core/model/records.ts';
import type { Money } from '../core/model/run.ts';
import type { Ms } from '../core/model/seen.ts';
import { raceWords, type Task, type TaskCounts } from '../core/model/task.ts';
import { keptSights, PULLS_FACT, type PullSights } from '../core/review/pull-sights.ts';
import { gaveSlotBack } from '../core/start/gates.ts';
import { age } from '../core/words/span.ts';
import type { DaemonFact, Damage, Slow, Trouble } from '../engine/ports/records/facts.ts';
import type { Store } from '../engine/ports/records/store.ts';
import type { DiskNow } from './hindrance.ts';
import type { Refusal } from './refused/refusals.ts';
import type { Traffic } from './refused/traffic.ts';
import { reportOf, shownTasks, type TaskReport } from './shown-tasks.ts';

/** What the store knows of the fleet as a whole; made of no more than a few rows. */
export interface FleetReport {
  readonly at: Ms;
  /** What the daemon last wrote down; null: none ever ran here. */
  readonly seen: DaemonFact | null;
  /** The loop's own failure, while it lasts. */
  readonly trouble: Trouble | null;
  /** The database was damaged and a new one begun, not long ago. */
  readonly damage: Damage | null;
  /** A tick of the loop that took too long, not long ago. */
  readonly slow: Slow | null;
  readonly slots: { readonly used: number; readonly of: number | null };
  readonly fleet: Fleet;
  readonly counters: Counters;
  readonly health: Health;
  /** Of the runs that ended last (20 at most), not counting those that people ended. */
  readonly recent: ReturnType<typeof lastRuns>;
  /** Conditions that people were told of and that hold. */
  readonly alerts: Book;
  /** The last look at the machine and the workers; null: none yet. */
  readonly usage: UsageFact | null;
  /** The other machines, as the daemon last heard of them; null: there are none. */
  readonly machines: MachinesFact | null;
  /** Dollars. */
  readonly spentToday: Money;
  readonly counts: TaskCounts;
}

/** What `status` and `top` tell besides: who works on it, and of which task what. */
export interface StatusReport extends FleetReport {
  /** Null: no daemon runs. */
  readonly daemon: LockHolder | null;
  /** Why nothing can be written down now, in a sentence: then what stands here may be old. Null: nothing speaks against it. */
  readonly hindrance: string | null;
  /** What is known of the tasks' pulls. */
  readonly pulls: PullSights;
  readonly tasks: readonly TaskReport[];
  /** What workers at work wanted of the network and were not given, newest first. */
  readonly refused: readonly Refusal[];
  /** What the tasks at work sent and received through the way out of their sandboxes. */
  readonly traffic: readonly Traffic[];
  /** What runs for a task beside its agent, by run, as far as somebody looked. */
  readonly jobs: ReadonlyMap<string, JobAtWork>;
}

/** A worktree's setup or the checks of its work, at work now. */
export interface JobAtWork {
  readonly what: 'setup' | 'checks';
  readonly since: Ms;
  /** When it last said something, and the end of what it said. */
  readonly saidAt: Ms;
  readonly line: string;
}

/** Those of the tasks at work, but for the ones that wait for git or GitHub alone. */
export const slotsUsed = (store: Pick<Store, 'countTasks' | 'openRuns' | 'task'>, now: Ms): number =>
  store.countTasks().active - store.openRuns().filter((run) => gaveSlotBack(run, now) && store.task(run.task)?.state === 'active').length;

/** The fleet as a whole. */
export function readFleet(store: Store, now: Ms): FleetReport {
  const counts = store.countTasks();
  const counters = store.counters();
  const seen = store.fact('daemon');
  const fleet = store.fact('fleet') ?? NEW_FLEET;
  const outcomes = store.fact(TOTALS_FACT)?.recent ?? [];
  return {
    at: now,
    seen,
    trouble: store.fact('trouble'),
    damage: recent(store.fact('damage'), now, DAMAGE_SHOWN),
    slow: recent(store.fact('slow'), now, SLOW_SHOWN),
    slots: { used: slotsUsed(store, now), of: seen?.slots ?? null },
    fleet,
    alerts: store.fact(ALERTS_FACT) ?? [],
    usage: store.fact(USAGE_FACT),
    machines: store.fact(MACHINES_FACT),
    spentToday: fleet.day?.start === systemClock.startOfDay(now) ? moneyOf(fleet.day) : { usd: 0 },
    counters,
    health: healthOf(counters, outcomes),
    recent: lastRuns(outcomes),
    counts,
  };
}

/** `holder`: who works on the repository now, as its lock has it; `disk`: as the kernel has it now. */
export function readStatus(
  store: Store,
  now: Ms,
  holder: LockHolder | null,
  { freeBytes, hindrance }: DiskNow = { freeBytes: null, hindrance: null },
  refusals: readonly Refusal[] = [],
  counted: readonly Traffic[] = [],
): StatusReport {
  const fleet = readFleet(store, now);
  const machine = fleet.usage?.machine ?? null;
  const usage =
    machine === null || freeBytes === null ? fleet.usage : { ...fleet.usage, machine: { ...machine, freeDiskBytes: freeBytes } };
  const report = { ...fleet, usage: usage as typeof fleet.usage, daemon: holder, hindrance };
  // What the counters say was so when they were written.
  const health = hindrance === null && silenceOf(report) === null && lateOf(report) === null ? fleet.health : 'degraded';
  const tasks = readTasks(store, now);
  const atWork = new Set<string>(tasks.flatMap(({ task, run }) => (task.state === 'active' && run !== null ? [run.id] : [])));
  const refused = refusals.filter(({ run }) => atWork.has(run));
  const active = new Set<string>(tasks.flatMap(({ task }) => (task.state === 'active' ? [task.id] : [])));
  const traffic = counted.filter(({ task }) => active.has(task));
  return { ...report, health, pulls: keptSights(store.fact(PULLS_FACT)), tasks, refused, traffic, jobs: new Map() };
}

/** A daemon that waits for nothing else writes once a minute; one that has missed three times does not do as it should. */
const WRITES_EVERY: Ms = 60_000;
const MISSED = 3;

/** For how long the running daemon has written nothing, where that is too long; else null. */
export function silenceOf({ at, daemon, seen, usage }: Pick<StatusReport, 'at' | 'daemon' | 'seen' | 'usage'>): Ms | null {
  const written = Math.max(seen?.at ?? 0, usage?.at ?? 0, daemon?.since ?? 0);
  return daemon !== null && written > 0 && at - written > MISSED * WRITES_EVERY ? at - written : null;
}

/** How long ago the running daemon last asked GitHub, where that is three intervals and more; else null. */
export function lateOf({ at, daemon, seen }: Pick<StatusReport, 'at' | 'daemon' | 'seen'>): Ms | null {
  if (daemon === null || seen?.issues?.known !== true || seen.interval == null) return null;
  const since = at - Math.max(seen.issues.at, daemon.since ?? 0);
  return since > MISSED * seen.interval + ANSWERED_WITHIN ? since : null;
}

/** A question may take its time, and so may writing its answer down. */
const ANSWERED_WITHIN: Ms = 10_000;

/** Said for a week; the file stays. */
const DAMAGE_SHOWN: Ms = 7 * 24 * 60 * 60_000;
const SLOW_SHOWN: Ms = 60 * 60_000;
const recent = <T extends { readonly at: Ms }>(fact: T | null, now: Ms, shown: Ms): T | null =>
  fact === null || now - fact.at > shown ? null : fact;

function readTasks(store: Store, now: Ms): readonly TaskReport[] {
  return shownTasks(store, now).map((task) => reportOf(store, task));
}

/** `daemon` null: none runs. */
export type Known = Pick<StatusReport, 'seen' | 'fleet' | 'at' | 'slots'> & { readonly daemon: object | null };

/** Why a waiting task does not start, by what it shows itself, what the daemon's gates said of it, and what holds all: never nothing. */
export function waitsFor(task: Task, known: Known): readonly string[] {
  const own = ownReasons(task, known);
  return own.length > 0 ? own : [whatHoldsAll(known)];
}

/** None: nobody has paused it. */
export const pausedWords = ({ id, pausedAt }: Task, at: Ms): readonly string[] =>
  pausedAt === null ? [] : [`paused by a person for ${age(at - pausedAt)}: \`tac8 resume ${id}\` lets it go on`];

function ownReasons(task: Task, { seen, at }: Known): readonly string[] {
  const out: string[] = [];
  out.push(...pausedWords(task, at));
  if (task.race !== undefined) out.push(raceWords(task.race));
  if (task.state === 'pending' && task.retryAt !== null && task.retryAt > at)
    out.push(`backing off for ${age(task.retryAt - at)} after ${task.last?.type ?? 'a failure'}`);
  const notes = (seen?.notes ?? []).flatMap((note) => (note.task === task.id ? [note.text] : []));
  out.push(...notes);
  if (notes.length === 0 && task.waits !== undefined) out.push(task.waits.on);
  return out;
}

/** Why work that is in review needs a person, in the daemon's own words; null: it does not. */
export function needsYou({ id, state }: Task, { seen }: Pick<Known, 'seen'>): string | null {
  if (state !== 'review') return null;
  return seen?.notes.find(({ task, gate }) => task === id && gate === NEEDS_YOU)?.text ?? null;
}

/** The heading under which people find a task. */
type Group = NonNullable<TaskRow['group']>;

const GROUPS: Readonly<Record<Task['state'], Group>> = {
  blocked: 'needs_you',
  failed: 'failed',
  active: 'running',
  pending: 'waiting',
  review: 'review',
  completed: 'done',
};

/**
 * Finished work that does not reach the forge, or does not go on there, needs a person, whatever the task's state. Null: the task that it was an
 * attempt at tells of it.
 */
export function groupOf({ task, run, isTold }: TaskReport, known: Pick<Known, 'seen'>): Group | null {
  if (isTold === true) return null;
  const isStuck = (task.state === 'active' && isHeldUp(run)) || needsYou(task, known) !== null;
  return isStuck ? 'needs_you' : GROUPS[task.state];
}

/** The gates of the fleet, in their order. */
function whatHoldsAll({ seen, fleet, daemon, at, slots }: Known): string {
  if (daemon === null) return 'no daemon runs: nothing starts';
  if (fleet.pausedAt !== null) return `the fleet is paused for ${age(at - fleet.pausedAt)}: \`tac8 resume\` goes on`;
  if (fleet.parked !== null && fleet.parked.login === undefined && isParked(fleet, at)) {
    const { type } = fleet.parked;
    const end = endOf(fleet.parked);
    return `the fleet is parked: ${type}${end === null ? '' : `, for ${age(end - at)}`}`;
  }
  const shut = seen?.notes.find(({ task, gate }) => task === null && gate !== undefined);
  if (shut !== undefined) return shut.text;
  if (slots.of !== null && slots.used >= slots.of) return `waiting for a slot (${slots.used}/${slots.of})`;
  return 'nothing holds it: the next look starts it';
}

/** Issues with the label that are no task yet, and why: the daemon's own words. */
export function notTaken({ seen, tasks }: Pick<StatusReport, 'seen' | 'tasks'>): readonly { readonly id: string; readonly text: string }[] {
  const known = new Set<string>(tasks.map(({ task }) => task.id));
  return (seen?.notes ?? []).flatMap(({ task, text }) => (task === null || known.has(task) ? [] : [{ id: task, text }]));
}
