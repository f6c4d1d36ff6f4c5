import { type Gate, gate } from '../model/gate.ts';
import type { Ms } from '../model/seen.ts';

interface SpentOn {
  readonly by: string;
  readonly requests: number;
  readonly points: number;
}

/** What most requests of this hour were for; empty: nothing was counted. */
export function spentWords(spent: readonly SpentOn[], shown: (count: number) => string = String): string {
  const requests = spent.filter(({ requests: count }) => count > 0).slice(0, 3);
  const points = spent.reduce((sum, one) => sum + one.points, 0);
  const words = [
    ...requests.map(({ by, requests: count }) => `${shown(count)} for ${PURPOSES[by] ?? by}`),
    ...(points === 0 ? [] : [`${shown(points)} GraphQL points`]),
  ];
  return words.length === 0 ? '' : ` (this hour: ${words.join(', ')})`;
}

/** Where the word by which they are counted says too little. */
const PURPOSES: Readonly<Record<string, string>> = {
  rights: 'who may start work',
  agents: 'what agents read',
  repository: 'the repository',
};

interface Left {
  readonly limit: number | null;
  readonly remaining: number | null;
  readonly held?: { readonly until: Ms; readonly because: string } | null;
  readonly spent?: readonly SpentOn[];
}

/** Less than this part of the hour's requests is little. */
const LITTLE = 1 / 5;

/** Where GitHub takes no requests, or few are left: who spent them. None: there are enough, or nobody knows. */
export function allowanceGate(left: Left | null, now: Ms): readonly Gate[] {
  if (left === null) return [];
  const { limit, remaining, held = null, spent = [] } = left;
  if (held !== null && held.until > now)
    return [gate('allowance', false, `GitHub takes no requests: ${held.because}${spentWords(spent)}`, { until: held.until })];
  if (remaining === null || limit === null || remaining >= limit * LITTLE) return [];
  return [gate('allowance', false, `only ${remaining} of ${limit} requests to GitHub are left${spentWords(spent)}`)];
}
