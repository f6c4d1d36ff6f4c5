import type { Day } from '../model/fleet.ts';
import type { Run, Spend, StreamFacts } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import type { Spent, Task } from '../model/task.ts';
import type { Draft } from '../tick/draft.ts';
import type { Policy } from '../tick/policy.ts';
import type { World } from '../tick/world.ts';

export const NEAR = 0.8;
export const dollars = (usd: number): string => `$${usd.toFixed(2)}`;
export const tokensOf = ({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }: Spend): number =>
  inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens;

/** What earlier runs of the task and this one have used. */
export const withRun = (before: Spent | undefined, spend: Spend): Spent => ({
  tokens: (before?.tokens ?? 0) + tokensOf(spend),
  usd: (before?.usd ?? 0) + spend.usd,
});

/** How often it is written down that an agent goes on talking: its log holds every word, and what was not taken in is read there again. */
export const TAKEN_IN_EVERY: Ms = 3_000;

/** When what an agent has said by now is to be written down: at once where it is news, else a while after what was written before. */
export function dueAt(before: StreamFacts, stream: StreamFacts, now: Ms): Ms {
  const at = before.lastEventAt;
  // Agents state times of their own: one in the future puts nothing off.
  return at === null || at > now || isNews(before, stream) ? now : at + TAKEN_IN_EVERY;
}

function isNews(before: StreamFacts, stream: StreamFacts): boolean {
  return (
    before.session !== stream.session ||
    before.model !== stream.model ||
    before.spend.usd !== stream.spend.usd ||
    before.inTurn !== stream.inTurn ||
    before.limitedUntil !== stream.limitedUntil ||
    before.result?.at !== stream.result?.at ||
    before.providerError?.message !== stream.providerError?.message ||
    JSON.stringify(before.heard ?? {}) !== JSON.stringify(stream.heard ?? {})
  );
}

/** Takes in what the run's stream says by now, and counts what it has cost to the day: both in one transaction, so that nothing counts twice. */
export function takeStream(draft: Draft, world: World, run: Run, stream: StreamFacts): void {
  if (!draft.run(run.id, { kind: 'stream', stream }, '')) return;
  const more = stream.spend.usd - run.stream.spend.usd;
  if (more === 0) return;
  draft.changeFleet({ kind: 'spent', day: { start: world.today.start, usd: spentToday(draft.fleet.day, world) + more } });
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
