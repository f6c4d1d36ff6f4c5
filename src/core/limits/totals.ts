import { NO_SPEND, type Run, type Spend } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import { addSpend } from './spend.ts';

/** Runs by how long they took: how many ended within each bound (the last one: beyond all), and their seconds together. */
export interface Durations {
  readonly counts: readonly number[];
  readonly sum: number;
}

/** What all settled runs came to; stored under the fact `totals`, in the same transaction that settles them. */
export interface Totals {
  /** `done`, `blocked`, or a failure type → how many runs ended so. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly durations: Readonly<Partial<Record<OutcomeKind, Durations>>>;
  readonly spend: Spend;
  /** The outcomes of the last runs, oldest first. */
  readonly recent: readonly string[];
  /** How often each alert began, by rule. */
  readonly alerts?: Readonly<Record<string, number>>;
}

type OutcomeKind = 'done' | 'blocked' | 'failed';

/** Seconds. A run shorter than the first is a failed start, one longer than the last has a limit raised for it. */
export const DURATION_BOUNDS: readonly number[] = [10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400];
/** How many outcomes are kept for the share of failures. */
export const RECENT = 20;
export const TOTALS_FACT = 'totals';
export const NO_TOTALS: Totals = { outcomes: {}, durations: {}, spend: NO_SPEND, recent: [] };

/** Ends that say nothing of how well the work goes: a person ended it, or it goes on by itself. */
const UNCOUNTED: ReadonlySet<string> = new Set(['stopped', 'killed', 'cancelled', 'interrupted', 'usage_limit']);

/** Adds those of the runs that are settled; each is to be given once. Answers `before` itself where there is nothing to add. */
export function addRuns(before: Totals, runs: readonly Run[]): Totals {
  return runs.filter((run) => run.state === 'settled').reduce(addRun, before);
}

/** Adds an alert that began. */
export const addAlert = (before: Totals, rule: string): Totals => ({
  ...before,
  alerts: { ...before.alerts, [rule]: (before.alerts?.[rule] ?? 0) + 1 },
});

function addRun(before: Totals, run: Run): Totals {
  const { outcome } = run.settlement;
  const kind = outcome?.kind ?? 'failed';
  const word = outcome === undefined ? 'unknown' : outcome.kind === 'failed' ? outcome.failure.type : outcome.kind;
  const took = tookOf(run);
  return {
    outcomes: { ...before.outcomes, [word]: (before.outcomes[word] ?? 0) + 1 },
    durations: took === null ? before.durations : { ...before.durations, [kind]: addDuration(before.durations[kind], took / 1000) },
    spend: addSpend(before.spend, run.stream.spend),
    recent: UNCOUNTED.has(word) ? before.recent : [...before.recent, word].slice(-RECENT),
  };
}

/** Null: it never came to an agent. */
function tookOf(run: Run): Ms | null {
  if (run.state !== 'settled' || run.startedAt === null) return null;
  return Math.max(0, run.endedAt - run.startedAt);
}

function addDuration(before: Durations | undefined, seconds: number): Durations {
  const counts = [...(before?.counts ?? new Array<number>(DURATION_BOUNDS.length + 1).fill(0))];
  const first = DURATION_BOUNDS.findIndex((bound) => seconds <= bound);
  const slot = first === -1 ? DURATION_BOUNDS.length : first;
  counts[slot] = (counts[slot] ?? 0) + 1;
  return { counts, sum: (before?.sum ?? 0) + seconds };
}
