import type { Spent } from '../../../engine/ports/records/facts.ts';
import type { Answer, Outgoing } from './wire.ts';

/** Who spends what of the token's limits in this hour. */
export interface Spending {
  /** Takes in an answer that was to a request of ours. `until`: when the hour of the limit ends, where GitHub says it. */
  note(out: Outgoing, answer: Answer, until: number | null): void;
  /** Of this hour, what spent most first. */
  read(): readonly Spent[];
}

const HOUR = 60 * 60_000;

/** By the address, what a request is for; those of one word are counted together. */
const FOR: readonly (readonly [RegExp, string])[] = [
  [/\/(?:events|timeline)$|\/collaborators\//, 'rights'],
  [/\/comments$/, 'comments'],
  [/\/check-runs$|\/commits\/[^/]+\/status$|\/actions\//, 'checks'],
  [/\/dependencies\//, 'dependencies'],
  [/\/issues(?:\/\d+)?$/, 'issues'],
  [/\/pulls(?:\/|$)/, 'pulls'],
];

export function purposeOf({ method, url, by, body }: Outgoing): string {
  if (by !== undefined) return by;
  const path = URL.canParse(url) ? new URL(url).pathname : url;
  if (path.endsWith('/graphql')) return /^\s*mutation\b/.test(queryOf(body)) ? 'writes' : 'glance';
  if (method !== 'GET') return 'writes';
  return FOR.find(([pattern]) => pattern.test(path))?.[1] ?? 'repository';
}

const queryOf = (body: unknown): string =>
  typeof body === 'object' && body !== null && 'query' in body && typeof body.query === 'string' ? body.query : '';

export function createSpending(now: () => number): Spending {
  let spent = new Map<string, { requests: number; unchanged: number; points: number }>();
  let ends = 0;

  function begin(until: number | null): void {
    if (now() < ends && ends - now() <= HOUR) return;
    spent = new Map();
    ends = until !== null && until > now() && until - now() <= HOUR ? until : now() + HOUR;
  }

  return {
    note(out, answer, until) {
      begin(until);
      const purpose = purposeOf(out);
      const { requests = 0, unchanged = 0, points = 0 } = spent.get(purpose) ?? {};
      const isGraphql = out.url.endsWith('/graphql');
      const isFree = answer.status === 304;
      spent.set(purpose, {
        requests: requests + (isFree || isGraphql ? 0 : 1),
        unchanged: unchanged + (isFree ? 1 : 0),
        points: points + (isGraphql ? costOf(answer.data) : 0),
      });
    },
    read() {
      if (now() >= ends) return [];
      return [...spent]
        .map(([by, of]) => ({ by, ...of }))
        .sort((a, b) => b.requests + b.points - a.requests - a.points || a.by.localeCompare(b.by));
    },
  };
}

/** What GitHub says that the answer cost; at least a point. */
function costOf(data: unknown): number {
  const cost = (data as { data?: { rateLimit?: { cost?: unknown } | null } | null } | null | undefined)?.data?.rateLimit?.cost;
  return typeof cost === 'number' && Number.isInteger(cost) && cost > 0 && cost < 10_000 ? cost : 1;
}
