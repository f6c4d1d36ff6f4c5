import type { FailureType } from './failure.ts';
import { NO_SPEND, type Run, type RunEnd, type RunFacts, type Spend } from './run.ts';
import type { Ms } from './seen.ts';
import type { Task } from './task.ts';

export type EndedRun = RunFacts & (RunEnd<'ended'> | RunEnd<'settled'>);

/** What became of so many runs. Each ended run is in exactly one of `done`, `failed`, `asked`, `person`, `outside`. */
export interface Tally {
  /** The agent did its work. */
  readonly done: number;
  /** It did not, by itself. */
  readonly failed: number;
  /** It asked a person something. */
  readonly asked: number;
  /** A person ended it. */
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

export interface Day extends Tally {
  /** As the caller names it. */
  readonly day: string;
  readonly usd: number;
}

export interface Report {
  readonly since: Ms;
  readonly until: Ms;
  readonly runs: number;
  readonly tally: Tally;
  /** Done, of those that were done or failed by themselves. */
  readonly success: Share;
  /** Completed, of the tasks that were completed or failed; those that a person ended are left out. */
  readonly tasks: Share;
  readonly durations: { readonly done: Durations; readonly all: Durations };
  readonly spend: Spend;
  readonly failures: readonly { readonly type: FailureType; readonly count: number }[];
  readonly days: readonly Day[];
  /** Numbers of the pulls that these runs opened or went on with, with the task of each. */
  readonly pulls: ReadonlyMap<number, Task['id']>;
}

const PERSON: ReadonlySet<FailureType> = new Set(['stopped', 'killed', 'cancelled']);
const OUTSIDE: ReadonlySet<FailureType> = new Set(['provider_error', 'usage_limit', 'auth_error', 'billing_error', 'interrupted']);
const NOTHING: Tally = { done: 0, failed: 0, asked: 0, person: 0, outside: 0 };

/** Takes runs one by one, in any order, and keeps a few numbers of each. */
export interface Reporter {
  readonly take: (run: Run) => void;
  readonly report: (tasks: readonly Task[], until: Ms) => Report;
}

/** `dayOf` names the day of a moment, as the reader's calendar does. */
export function reporter(since: Ms, dayOf: (at: Ms) => string): Reporter {
  const days = new Map<string, Day>();
  const failures = new Map<FailureType, number>();
  const pulls = new Map<number, Task['id']>();
  const times = { done: [] as Ms[], all: [] as Ms[] };
  let spend = NO_SPEND;
  return {
    take: (run) => {
      if ((run.state !== 'ended' && run.state !== 'settled') || run.endedAt < since) return;
      const { outcome, pull } = run.settlement;
      // Still being settled: what became of it is not known yet.
      if (outcome === undefined) return;
      const kind = kindOf(run);
      const key = dayOf(run.endedAt);
      const day = days.get(key) ?? { day: key, usd: 0, ...NOTHING };
      days.set(key, { ...day, [kind]: day[kind] + 1, usd: day.usd + run.stream.spend.usd });
      spend = sum(spend, run.stream.spend);
      if (outcome.kind === 'failed') failures.set(outcome.failure.type, (failures.get(outcome.failure.type) ?? 0) + 1);
      if (pull !== undefined) pulls.set(pull.number, run.task);
      if (run.startedAt === null) return;
      times.all.push(run.endedAt - run.startedAt);
      if (kind === 'done') times.done.push(run.endedAt - run.startedAt);
    },
    report: (tasks, until) => {
      const tally = [...days.values()].reduce(plus, NOTHING);
      const ended = tasks.filter((task) => task.state !== 'failed' || !PERSON.has(task.failure.type));
      return {
        since,
        until,
        runs: tally.done + tally.failed + tally.asked + tally.person + tally.outside,
        tally,
        success: shareOf(tally.done, tally.done + tally.failed),
        tasks: shareOf(ended.filter(({ state }) => state === 'completed').length, ended.length),
        durations: { done: durationsOf(times.done), all: durationsOf(times.all) },
        spend,
        failures: [...failures].map(([type, count]) => ({ type, count })).sort((a, b) => b.count - a.count || (a.type < b.type ? -1 : 1)),
        days: calendar(since, until, dayOf).map((day) => days.get(day) ?? { day, usd: 0, ...NOTHING }),
        pulls,
      };
    },
  };
}

function kindOf(run: EndedRun): keyof Tally {
  const { outcome } = run.settlement;
  if (outcome?.kind === 'done') return 'done';
  if (outcome?.kind === 'blocked') return 'asked';
  const type = outcome?.failure.type ?? 'unknown';
  if (PERSON.has(type)) return 'person';
  return OUTSIDE.has(type) ? 'outside' : 'failed';
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

const sum = (a: Spend, b: Spend): Spend => ({
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
  cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
  usd: a.usd + b.usd,
});
