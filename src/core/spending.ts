import type { Draft } from './draft.ts';
import type { Day } from './fleet.ts';
import type { Policy } from './policy.ts';
import type { Run, Spend, StreamFacts } from './run.ts';
import type { Spent, Task } from './task.ts';
import type { World } from './world.ts';

export const NEAR = 0.8;
export const dollars = (usd: number): string => `$${usd.toFixed(2)}`;
export const tokensOf = ({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }: Spend): number =>
  inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens;

/** What earlier runs of the task and this one have used. */
export const withRun = (before: Spent | undefined, spend: Spend): Spent => ({
  tokens: (before?.tokens ?? 0) + tokensOf(spend),
  usd: (before?.usd ?? 0) + spend.usd,
});

/** Takes in what the run's stream says by now, and counts what it has cost to the day: both in one transaction, so that nothing counts twice. */
export function takeStream(draft: Draft, world: World, run: Run, stream: StreamFacts): void {
  if (!draft.run(run.id, { kind: 'stream', stream }, '')) return;
  const more = stream.spend.usd - run.stream.spend.usd;
  if (more === 0) return;
  draft.fleet = { ...draft.fleet, day: { start: world.today.start, usd: spentToday(draft.fleet.day, world) + more } };
}

/** Another day's cost is no cost of today's. */
export const spentToday = (day: Day | undefined, world: Pick<World, 'today'>): number => (day?.start === world.today.start ? day.usd : 0);

/** Told as long as it holds: near the day's limit or over it, where nothing may be waiting to start. */
export function noteDay(draft: Draft, world: World, policy: Policy): void {
  const usd = spentToday(draft.fleet.day, world);
  const limit = policy.limits.usdPerDay;
  if (usd >= limit) draft.note(null, dayIsSpent(usd, limit), world.today.end);
  else if (usd >= NEAR * limit) draft.note(null, `${dollars(usd)} of ${dollars(limit)} for today are spent (limits.usd_per_day)`);
}

export const dayIsSpent = (usd: number, limit: number): string =>
  `${dollars(usd)} of ${dollars(limit)} for today are spent (limits.usd_per_day): nothing new starts before midnight`;

/** The limit that a further attempt could not keep; null: there is something left for one. */
export function overBudget(task: Task | undefined, { limits }: Policy): string | null {
  const { usd = 0, tokens = 0 } = task?.spent ?? {};
  if (usd >= limits.usdPerTask) return `limits.usd_per_task: ${dollars(usd)} over all attempts`;
  return tokens >= limits.tokens ? `limits.tokens: ${tokens} tokens over all attempts` : null;
}
