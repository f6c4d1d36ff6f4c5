import type { Violation } from '../judge/judge.ts';

export interface Shrinkable<I> {
  readonly violation: Violation | null;
  readonly incidents: readonly I[];
}

/**
 * The fewest incidents with which the same promise is still broken: halves, quarters and at last single ones are left out, as long as
 * it goes on failing. Every try is a whole simulation; `most` bounds them.
 */
export async function shrink<I extends { readonly at: number }, R extends Shrinkable<I>>(
  report: R,
  play: (incidents: readonly I[]) => Promise<R>,
  most = 400,
): Promise<R> {
  let best = report;
  let tries = 0;
  const stillFails = async (incidents: readonly I[]): Promise<boolean> => {
    tries += 1;
    const again = await play(incidents);
    if (again.violation?.invariant !== report.violation?.invariant) return false;
    best = again;
    return true;
  };
  const reached = report.violation?.at ?? 0;
  await stillFails(report.incidents.filter(({ at }) => at <= reached));
  for (let size = Math.ceil(best.incidents.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.incidents.length && tries < most; ) {
      const fewer = best.incidents.toSpliced(from, size);
      if (!(await stillFails(fewer))) from += size;
    }
  }
  return best;
}
