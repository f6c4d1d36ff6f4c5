import { addMoney, addSpend, isPart } from '../limits/spend.ts';
import type { FailureType } from '../model/failure.ts';
import type { EndedTasks, Ending } from '../model/records.ts';
import { type Money, NO_SPEND, type Spend } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import type { TaskId } from '../model/task.ts';

/** What became of so many runs. Each ended run is in exactly one of `done`, `failed`, `asked`, `person`, `outside`. */
export interface Tally {
  /** The agent did its work. */
  readonly done: number;
  /** It did not, by itself. */
  readonly failed: number;
  /** It asked a person something. */
  readonly asked: number;
  /** It was stopped, killed or cancelled: by a person, or by what people did at GitHub. */
  readonly person: number;
  /** The provider, a limit or the machine ended it. */
  readonly outside: number;
}

/** A share with its sample size, and the range in which the true share lies with 95 % confidence (Wilson). Null share: of nothing. */
export interface Share {
  readonly hits: number;
  readonly of: number;
  readonly share: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export interface Durations {
  readonly of: number;
  readonly median: Ms | null;
  readonly p90: Ms | null;
  readonly longest: Ms | null;
}

export interface Day extends Tally, Money {
  /** As the caller names it. */
  readonly day: string;
}

export interface Report {
  readonly since: Ms;
  readonly until: Ms;
  readonly runs: number;
  readonly tally: Tally;
  /** Done, of those that were done or failed by themselves. */
  readonly success: Share;
  /** Completed, of the tasks that were completed or failed; those that were stopped, killed or cancelled are left out. */
  readonly tasks: Share;
  readonly durations: { readonly done: Durations; readonly all: Durations };
  readonly spend: Spend;
  readonly failures: readonly { readonly type: FailureType; readonly count: number }[];
  readonly days: readonly Day[];
  /** Numbers of the pulls that these runs opened or went on with, with the task of each. */
  readonly pulls: ReadonlyMap<number, TaskId>;
}

const PERSON: ReadonlySet<FailureType> = new Set(['stopped', 'killed', 'cancelled']);
const OUTSIDE: ReadonlySet<FailureType> = new Set(['provider_error', 'usage_limit', 'auth_error', 'billing_error', 'interrupted']);
const NOTHING: Tally = { done: 0, failed: 0, asked: 0, person: 0, outside: 0 };

/** Takes ends of runs one by one, in any order, and keeps a few numbers of each. */
export interface Reporter {
  readonly take: (ending: Ending) => void;
  readonly report: (tasks: readonly EndedTasks[], until: Ms) => Report;
}

/** A day that is being counted: thousands of runs come through here, and no object is made for each. */
interface Counted {
  money: Money;
  readonly counts: { -readonly [name in keyof Tally]: number };
}

/** `dayOf` names the day of a moment, as the reader's calendar does. */
export function reporter(since: Ms, dayOf: (at: Ms) => string): Reporter {
  const days = new Map<string, Counted>();
  const dayWith = (at: Ms): Counted => {
    const name = dayOf(at);
    const known = days.get(name);
    if (known !== undefined) return known;
    const day = { money: { usd: 0 }, counts: { ...NOTHING } };
    days.set(name, day);
    return day;
  };
  const failures = new Map<FailureType, number>();
  const pulls = new Map<number, TaskId>();
  const times = { done: [] as Ms[], all: [] as Ms[] };
  let spend = NO_SPEND;
  return {
    take: ({ task, startedAt, endedAt, became, pull, spend: spent }) => {
      // Still being settled: what became of it is not known yet.
      if (became === null || endedAt < since) return;
      const kind = kindOf(became);
      const day = dayWith(endedAt);
      day.counts[kind] += 1;
      // Most runs of an agent that tells no cost have spent nothing.
      if (spent.usd !== 0 || spent.usdEstimated || isPart(spent)) day.money = addMoney(day.money, spent);
      spend = addSpend(spend, spent);
      if (became !== 'done' && became !== 'blocked') failures.set(became, (failures.get(became) ?? 0) + 1);
      if (pull !== null) pulls.set(pull, task);
      if (startedAt === null) return;
      times.all.push(endedAt - startedAt);
      if (kind === 'done') times.done.push(endedAt - startedAt);
    },
    report: (tasks, until) => {
      const tally = [...days.values()].map(({ counts }) => counts).reduce(plus, NOTHING);
      const ended = tasks.filter(({ failure }) => failure === null || !PERSON.has(failure));
      const count = (some: readonly EndedTasks[]): number => some.reduce((total, { n }) => total + n, 0);
      return {
        since,
        until,
        runs: tally.done + tally.failed + tally.asked + tally.person + tally.outside,
        tally,
        success: shareOf(tally.done, tally.done + tally.failed),
        tasks: shareOf(count(ended.filter(({ failure }) => failure === null)), count(ended)),
        durations: { done: durationsOf(times.done), all: durationsOf(times.all) },
        spend,
        failures: [...failures].map(([type, count]) => ({ type, count })).sort((a, b) => b.count - a.count || (a.type < b.type ? -1 : 1)),
        days: calendar(since, until, dayOf).map((day) => {
          const { money: { usd, ...uncertain } = { usd: 0 }, counts = NOTHING } = days.get(day) ?? {};
          return { day, usd, ...counts, ...uncertain };
        }),
        pulls,
      };
    },
  };
}

function kindOf(became: NonNullable<Ending['became']>): keyof Tally {
  if (became === 'done') return 'done';
  if (became === 'blocked') return 'asked';
  if (PERSON.has(became)) return 'person';
  return OUTSIDE.has(became) ? 'outside' : 'failed';
}

/** Every day of the period, days without a run as well; half a day is less than the shortest of them. */
function calendar(since: Ms, until: Ms, dayOf: (at: Ms) => string): readonly string[] {
  const days = new Set<string>();
  for (let at = since; at < until; at += 12 * 3_600_000) days.add(dayOf(at));
  return [...days.add(dayOf(until))];
}

/** The score interval of Wilson: also right for few runs, and for none or all of them. */
export function shareOf(hits: number, of: number): Share {
  if (of === 0) return { hits, of, share: null, low: null, high: null };
  const z = 1.96;
  const p = hits / of;
  const middle = p + (z * z) / (2 * of);
  const spread = z * Math.sqrt((p * (1 - p)) / of + (z * z) / (4 * of * of));
  const whole = 1 + (z * z) / of;
  return { hits, of, share: p, low: Math.max(0, (middle - spread) / whole), high: Math.min(1, (middle + spread) / whole) };
}

/** By nearest rank: each value is one that was measured. */
export function durationsOf(measured: readonly Ms[]): Durations {
  const sorted = measured.toSorted((a, b) => a - b);
  const rank = (share: number): Ms | null => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
  return { of: sorted.length, median: rank(0.5), p90: rank(0.9), longest: rank(1) };
}

export const perOne = (sum: number, count: number): number | null => (count === 0 ? null : sum / count);

const plus = (a: Tally, b: Tally): Tally => ({
  done: a.done + b.done,
  failed: a.failed + b.failed,
  asked: a.asked + b.asked,
  person: a.person + b.person,
  outside: a.outside + b.outside,
});
