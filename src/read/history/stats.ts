import { setImmediate as turn } from 'node:timers/promises';
import { systemClock } from '../../adapters/machine/clock.ts';
import type { Stats } from '../../api/history.ts';
import { iso } from '../../api/iso.ts';
import { addMoney, tokensOf } from '../../core/limits/spend.ts';
import type { Ending } from '../../core/model/records.ts';
import type { Money } from '../../core/model/run.ts';
import type { Ms } from '../../core/model/seen.ts';
import type { TaskId } from '../../core/model/task.ts';
import type { Store } from '../../engine/ports/records/store.ts';

/** What is kept of a day that is over: nothing of it changes any more. */
export type KeptDays = Map<Ms, Day>;

interface Day {
  readonly endings: readonly Ending[];
  readonly cut: boolean;
}

/** A day's runs are read at one go, while the loop waits. */
const MOST_A_DAY = 3_000;
const MOST_NAMES = 20;
const DAY: Ms = 24 * 60 * 60_000;

/** Only the runs that are both; undefined: all of them. */
export interface Of {
  readonly model?: string | undefined;
  readonly label?: string | undefined;
}

/** What the runs of the last days came to, day by day: others get their turn between two of them. */
export async function readStats(store: Store, now: Ms, days: number, kept: KeptDays, of: Of = {}): Promise<Stats> {
  const starts = startsOf(now, days);
  const found: Day[] = [];
  for (const [n, start] of starts.entries()) {
    const until = starts[n + 1];
    const before = kept.get(start);
    const day = before ?? readDay(store, start, until ?? now + DAY);
    if (until !== undefined && before === undefined && day.endings.every(({ became }) => became !== null)) kept.set(start, day);
    found.push(day);
    if (before === undefined) await turn();
  }
  for (const start of kept.keys()) if (start < now - 100 * DAY) kept.delete(start);
  const all = found.flatMap(({ endings }) => endings);
  const labels = labelsOf(store, all);
  const isOfModel = (ending: Ending): boolean => of.model === undefined || modelOf(ending) === of.model;
  const isOfLabel = ({ task }: Ending): boolean => of.label === undefined || labels.get(task)?.includes(of.label) === true;
  const isOf = (ending: Ending): boolean => isOfModel(ending) && isOfLabel(ending);
  return {
    at: iso(now),
    since: iso(starts[0] ?? now),
    days: found.map(({ endings }, n) => {
      const own = endings.filter(isOf);
      return { day: nameOf(starts[n] ?? now), ...tally(own), ...pullsAndTimes(own) };
    }),
    // Each with what else could be chosen.
    models: named(all.filter(isOfLabel), (ending) => [modelOf(ending)]),
    labels: named(all.filter(isOfModel), ({ task }) => labels.get(task) ?? []),
    cut: found.some(({ cut }) => cut),
  };
}

const modelOf = ({ model }: Ending): string => model ?? 'unknown';

/** The days' beginnings, oldest first: a day may have 23 hours. */
function startsOf(now: Ms, days: number): readonly Ms[] {
  const starts = [systemClock.startOfDay(now)];
  while (starts.length < days) starts.unshift(systemClock.startOfDay((starts[0] ?? now) - 1));
  return starts;
}

function nameOf(start: Ms): string {
  const date = new Date(start);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}

function readDay(store: Store, since: Ms, until: Ms): Day {
  const endings: Ending[] = [];
  let seen = 0;
  store.endings(
    since,
    (ending) => {
      seen += 1;
      if (endings.length < MOST_A_DAY) endings.push(ending);
    },
    until,
  );
  return { endings, cut: seen > endings.length };
}

function tally(endings: readonly Ending[]) {
  const outcomes: Record<string, number> = {};
  let money: Money = { usd: 0 };
  let tokens = 0;
  for (const { became, spend } of endings) {
    outcomes[became ?? 'open'] = (outcomes[became ?? 'open'] ?? 0) + 1;
    money = addMoney(money, spend);
    tokens += tokensOf(spend);
  }
  return { runs: endings.length, outcomes, ...money, tokens };
}

function pullsAndTimes(endings: readonly Ending[]) {
  const took = endings
    .flatMap(({ startedAt, endedAt }) => (startedAt === null ? [] : [Math.max(0, endedAt - startedAt)]))
    .sort((a, b) => a - b);
  const at = (share: number): number | null => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? null;
  return { pulls: new Set(endings.flatMap(({ pull }) => pull ?? [])).size, median_ms: at(0.5), p90_ms: at(0.9) };
}

function named(endings: readonly Ending[], namesOf: (ending: Ending) => readonly string[]): Stats['models'] {
  const groups = new Map<string, Ending[]>();
  for (const ending of endings)
    for (const name of namesOf(ending)) {
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [ending]);
      else group.push(ending);
    }
  const sorted = [...groups].sort(([, a], [, b]) => b.length - a.length).slice(0, MOST_NAMES);
  return sorted.map(([name, group]) => ({ name, ...tally(group) }));
}

function labelsOf(store: Store, endings: readonly Ending[]): ReadonlyMap<TaskId, readonly string[]> {
  const ids = [...new Set(endings.map(({ task }) => task))].slice(-MOST_A_DAY);
  return new Map(store.tasks(ids).map(({ id, labels }) => [id, labels]));
}
