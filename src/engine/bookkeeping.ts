import type { Plan } from '../core/plan.ts';
import { addRuns, NO_TOTALS, TOTALS_FACT, type Totals } from '../core/totals.ts';
import type { Context } from './context.ts';

/** Facts that follow from a plan, to be written in the same transaction with it: what is counted is counted once, also across a crash. */
export function keepBooks({ ports }: Context, plan: Plan): Readonly<Record<string, unknown>> {
  const settled = (plan.commit.runs ?? []).flatMap(({ next }) => (next.state === 'settled' ? [next] : []));
  if (settled.length === 0) return {};
  return { [TOTALS_FACT]: addRuns({ ...NO_TOTALS, ...ports.store.fact<Totals>(TOTALS_FACT) }, settled) };
}
