import type { AgentOf } from '../agent/abilities.ts';
import type { Day } from '../model/fleet.ts';
import type { Money, Run, Spend, StreamFacts } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import type { Spent, Task } from '../model/task.ts';
import type { Draft } from '../tick/draft.ts';
import { limitsFor, type Policy } from '../tick/policy.ts';
import type { World } from '../tick/world.ts';
import { addMoney, dollars, moneyOf, moneyWords, tokensOf } from './spend.ts';

export const NEAR = 0.8;

const NO_MONEY: Money = { usd: 0 };

/** What earlier runs of the task and this one have used. */
export const withRun = (before: Spent | undefined, spend: Spend): Spent => ({
  tokens: (before?.tokens ?? 0) + tokensOf(spend),
  ...addMoney(before ?? NO_MONEY, spend),
});

export const NOTHING: Spent = { tokens: 0, usd: 0 };
export const addSpent = (a: Spent, b: Spent): Spent => ({ tokens: a.tokens + b.tokens, ...addMoney(a, b) });
/** Never below nothing. */
export const takeSpent = (a: Spent, b: Spent): Spent => {
  const left = addMoney(a, negative(b));
  return { ...left, tokens: Math.max(0, a.tokens - b.tokens), usd: Math.max(0, left.usd) };
};

/** How often it is written down that an agent goes on talking: its log holds every word, and what was not taken in is read there again. */
export const TAKEN_IN_EVERY: Ms = 3_000;
/** What many agents have said is written down together, on the same beat: each of its own would wake the loop a hundred times in that time. */
const BEAT: Ms = 250;

/** When what an agent has said by now is to be written down: at once where it is news, else a while after what was written before. */
export function dueAt(before: StreamFacts, stream: StreamFacts, now: Ms): Ms {
  const at = before.lastEventAt;
  // Agents state times of their own: one in the future puts nothing off.
  return at === null || at > now || isNews(before, stream) ? now : Math.ceil((at + TAKEN_IN_EVERY) / BEAT) * BEAT;
}

function isNews(before: StreamFacts, stream: StreamFacts): boolean {
  return (
    before.session !== stream.session ||
    before.model !== stream.model ||
    statedOf(before) !== statedOf(stream) ||
    before.inTurn !== stream.inTurn ||
    before.limitedUntil !== stream.limitedUntil ||
    before.result?.at !== stream.result?.at ||
    before.providerError?.message !== stream.providerError?.message ||
    JSON.stringify(before.heard ?? {}) !== JSON.stringify(stream.heard ?? {})
  );
}

/** Estimates change with every reply; that the agent states what it cost is news. */
const statedOf = ({ spend: { usd, usdEstimated = 0 } }: StreamFacts): string => (usd - usdEstimated).toFixed(6);

/** Takes in what the run's stream says by now, and counts what it has cost to the day: both in one transaction, so that nothing counts twice. */
export function takeStream(draft: Draft, world: World, run: Run, stream: StreamFacts): void {
  if (!draft.run(run.id, { kind: 'stream', stream }, '')) return;
  const [before, after] = [moneyOf(run.stream.spend), moneyOf(stream.spend)];
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  const day = addMoney(addMoney(spentToday(draft.fleet.day, world), after), negative(before));
  draft.changeFleet({ kind: 'spent', day: { start: world.today.start, ...day } });
}

const negative = ({ usd, usdEstimated = 0, tokensUnpriced = 0, logsUnread = 0 }: Money): Money => ({
  ...{ usd: -usd, usdEstimated: -usdEstimated, tokensUnpriced: -tokensUnpriced, logsUnread: -logsUnread },
});

/** Another day's cost is no cost of today's. */
export const spentToday = (day: Day | undefined, { today }: { readonly today: Pick<World['today'], 'start'> }): Money =>
  day?.start === today.start ? moneyOf(day) : NO_MONEY;

/** Told as long as it holds: near the day's limit or over it, where nothing may be waiting to start. */
export function noteDay(draft: Draft, world: World, policy: Policy): void {
  const spent = spentToday(draft.fleet.day, world);
  const limit = policy.limits.usdPerDay;
  if (spent.usd >= limit) draft.note(null, dayIsSpent(spent, limit), world.today.end);
  else if (spent.usd >= NEAR * limit)
    draft.note(null, `${moneyWords(spent)} of ${dollars(limit)} for today are spent (limits.usd_per_day)`);
}

export const dayIsSpent = (spent: Money, limit: number): string =>
  `${moneyWords(spent)} of ${dollars(limit)} for today are spent (limits.usd_per_day): nothing new starts before midnight`;

/** The limit that a further attempt could not keep; null: there is something left for one. */
export function overBudget(task: Task | undefined, policy: Policy, agent: Pick<AgentOf, 'profile'>): string | null {
  const limits = limitsFor(policy, agent);
  const spent = task?.spent ?? { tokens: 0, usd: 0 };
  if (spent.usd >= limits.usdPerTask) return `limits.usd_per_task: ${moneyWords(spent)} of ${dollars(limits.usdPerTask)} over all attempts`;
  return spent.tokens >= limits.tokens ? `limits.tokens: ${spent.tokens} of ${limits.tokens} tokens over all attempts` : null;
}
