import { ALERTS_FACT, type Alert, type Book } from '../core/alerts/alert.ts';
import { judgeAlerts } from '../core/alerts/judge.ts';
import { sightAfter } from '../core/alerts/sight.ts';
import { stepAlerts, type Waiting } from '../core/alerts/step.ts';
import type { Fleet } from '../core/fleet.ts';
import type { Plan } from '../core/plan.ts';
import type { Policy } from '../core/policy.ts';
import type { Ms } from '../core/seen.ts';
import { spentToday } from '../core/spending.ts';
import { addAlert, addRuns, NO_TOTALS, TOTALS_FACT, type Totals } from '../core/totals.ts';
import { USAGE_FACT, type UsageFact } from '../core/usage.ts';
import type { World } from '../core/world.ts';
import type { Ports } from './context.ts';
import { OUTBOX_FACT, type Outbox, post } from './courier.ts';
import type { Store } from './ports.ts';

/** The daemon's first tick, or its last word: when a daemon was there, and whether it left because it was told to. */
interface Sign {
  readonly at: Ms;
  readonly left: boolean;
}

const SIGN_FACT = 'sign';

export interface Books {
  /**
   * Facts that follow from a plan, to be written in the same transaction with it: what is counted is counted once, and what people are to be told
   * is written down with what it is about, also across a crash.
   */
  keep(world: World, plan: Plan): { readonly facts: Readonly<Record<string, unknown>>; readonly wakeAt: Ms };
  /** The daemon leaves because it was told to. */
  close(): void;
}

export function openBooks(ports: Pick<Ports, 'store' | 'clock' | 'notifier'>, policy: () => Policy): Books {
  const { store, clock, notifier } = ports;
  const startedAt = clock.now();
  const downtime = downtimeBefore(store, startedAt);
  let waiting: Waiting = new Map();
  let hasSigned = false;

  function totalsAfter(plan: Plan): { readonly totals: Totals; readonly changed: boolean } {
    const before = { ...NO_TOTALS, ...store.fact<Totals>(TOTALS_FACT) };
    const totals = addRuns(
      before,
      (plan.commit.runs ?? []).map(({ next }) => next),
    );
    return { totals, changed: totals !== before };
  }

  return {
    keep(world, plan) {
      const now = clock.now();
      const { totals, changed } = totalsAfter(plan);
      const book: Book = store.fact<readonly Alert[]>(ALERTS_FACT) ?? [];
      const fleet = (plan.commit.facts?.fleet as Fleet | undefined) ?? world.fleet;
      const budget = { spent: spentToday(fleet.day, world), cap: policy().limits.usdPerDay };
      const sight = sightAfter(world, plan, policy(), { recent: totals.recent, budget, downtime, book, task: store.task }, now);
      const step = stepAlerts(book, judgeAlerts(sight), waiting, now);
      waiting = step.waiting;
      const told = post(store.fact<Outbox>(OUTBOX_FACT) ?? [], step.notices, notifier);
      const fired = step.notices.filter(({ event }) => event === 'fired');
      const facts = {
        ...(changed || fired.length > 0 ? { [TOTALS_FACT]: fired.reduce((sum, { rule }) => addAlert(sum, rule), totals) } : {}),
        ...(step.book === book ? {} : { [ALERTS_FACT]: step.book }),
        ...(told === null ? {} : { [OUTBOX_FACT]: told }),
        ...(hasSigned ? {} : { [SIGN_FACT]: { at: now, left: false } satisfies Sign }),
      };
      hasSigned = true;
      return { facts, wakeAt: step.wakeAt ?? Number.POSITIVE_INFINITY };
    },
    close: () => store.commit({ facts: { [SIGN_FACT]: { at: clock.now(), left: true } satisfies Sign } }),
  };
}

/** Null: it is the first start, or the last daemon was told to leave. Each look at the machine is a sign, too: none is older than a minute. */
function downtimeBefore(store: Store, startedAt: Ms): { readonly from: Ms; readonly to: Ms } | null {
  const sign = store.fact<Sign>(SIGN_FACT);
  const look = store.fact<UsageFact>(USAGE_FACT)?.at ?? null;
  if (sign?.left === true || (sign === null && look === null)) return null;
  return { from: Math.max(sign?.at ?? 0, look ?? 0), to: startedAt };
}
