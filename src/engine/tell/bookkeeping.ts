import { judgeAlerts } from '../../core/alerts/judge.ts';
import { sightAfter } from '../../core/alerts/sight.ts';
import { stepAlerts, type Waiting } from '../../core/alerts/step.ts';
import { spentToday } from '../../core/limits/spending.ts';
import { addAlert, addRuns, NO_TOTALS, TOTALS_FACT, type Totals } from '../../core/limits/totals.ts';
import { USAGE_FACT } from '../../core/limits/usage.ts';
import { ALERTS_FACT, type Book } from '../../core/model/alert.ts';
import type { Fleet } from '../../core/model/fleet.ts';
import type { Ms } from '../../core/model/seen.ts';
import type { Plan } from '../../core/tick/plan.ts';
import type { Policy } from '../../core/tick/policy.ts';
import type { World } from '../../core/tick/world.ts';
import type { Ports } from '../ports/context.ts';
import type { Sign } from '../ports/records/facts.ts';
import type { Store } from '../ports/records/store.ts';
import { post } from './courier.ts';

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
    const before = { ...NO_TOTALS, ...store.fact(TOTALS_FACT) };
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
      const book: Book = store.fact(ALERTS_FACT) ?? [];
      const fleet = (plan.commit.facts?.fleet as Fleet | undefined) ?? world.fleet;
      const budget = { spent: spentToday(fleet.day, world).usd, cap: policy().limits.usdPerDay };
      const sight = sightAfter(world, plan, policy(), { recent: totals.recent, budget, downtime, book, task: store.task }, now);
      const step = stepAlerts(book, judgeAlerts(sight), waiting, now);
      waiting = step.waiting;
      const told = post(store.fact('outbox') ?? [], step.notices, notifier);
      const fired = step.notices.filter(({ event }) => event === 'fired');
      const facts = {
        ...(changed || fired.length > 0 ? { [TOTALS_FACT]: fired.reduce((sum, { rule }) => addAlert(sum, rule), totals) } : {}),
        ...(step.book === book ? {} : { [ALERTS_FACT]: step.book }),
        ...(told === null ? {} : { outbox: told }),
        ...(hasSigned ? {} : { sign: { at: now, left: false } satisfies Sign }),
      };
      hasSigned = true;
      return { facts, wakeAt: step.wakeAt ?? Number.POSITIVE_INFINITY };
    },
    close: () => store.commit({ facts: { sign: { at: clock.now(), left: true } satisfies Sign } }),
  };
}

/** Null: it is the first start, or the last daemon was told to leave. Each look at the machine is a sign, too: none is older than a minute. */
function downtimeBefore(store: Store, startedAt: Ms): { readonly from: Ms; readonly to: Ms } | null {
  const sign = store.fact('sign');
  const look = store.fact(USAGE_FACT)?.at ?? null;
  if (sign?.left === true || (sign === null && look === null)) return null;
  return { from: Math.max(sign?.at ?? 0, look ?? 0), to: startedAt };
}
