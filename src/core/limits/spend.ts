import type { Money, Spend } from '../model/run.ts';

const NOT_CERTAIN = ['usdEstimated', 'tokensEstimated', 'tokensUnpriced', 'logsUnread'] as const;

/** Each block of each reply comes through here: no object is made that is not kept. */
function combine(a: Spend, b: Spend, sign: 1 | -1): Spend {
  const sum: { -readonly [name in keyof Spend]: Spend[name] } = {
    inputTokens: a.inputTokens + sign * b.inputTokens,
    outputTokens: a.outputTokens + sign * b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + sign * b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + sign * b.cacheWriteTokens,
    usd: a.usd + sign * b.usd,
  };
  for (const name of NOT_CERTAIN) {
    const value = (a[name] ?? 0) + sign * (b[name] ?? 0);
    // Less than that is what adding and taking away leave of a fraction.
    if (Math.abs(value) >= 1e-9) sum[name] = value;
  }
  return sum;
}
export const addSpend = (a: Spend, b: Spend): Spend => combine(a, b, 1);
export const takeSpend = (a: Spend, b: Spend): Spend => combine(a, b, -1);

export const tokensOf = ({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }: Spend): number =>
  inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens;

/** Dollars alone, with what is not certain of them. */
export const moneyOf = ({ usd, usdEstimated, tokensUnpriced, logsUnread }: Money): Money => ({
  usd,
  ...(usdEstimated ? { usdEstimated } : {}),
  ...(tokensUnpriced ? { tokensUnpriced } : {}),
  ...(logsUnread ? { logsUnread } : {}),
});

export const addMoney = (a: Money, b: Money): Money =>
  moneyOf({
    usd: a.usd + b.usd,
    usdEstimated: Math.max(0, (a.usdEstimated ?? 0) + (b.usdEstimated ?? 0)),
    tokensUnpriced: Math.max(0, (a.tokensUnpriced ?? 0) + (b.tokensUnpriced ?? 0)),
    logsUnread: Math.max(0, (a.logsUnread ?? 0) + (b.logsUnread ?? 0)),
  });

/** `$1.06`; what is less than a cent is not nothing. */
export const dollars = (usd: number): string => `$${usd > 0 && usd < 0.01 ? usd.toFixed(4) : usd.toFixed(2)}`;

/**
 * `$1.06` as the agent states it, `≈ $1.06` where the price of its model was taken, `more than $1.06` where some of the tokens have no price
 * that is known or a log could not be read, `cost unknown` where that is all.
 */
export function moneyWords(money: Money): string {
  const { usd, usdEstimated = 0 } = money;
  if (isPart(money)) return usd > 0 ? `more than ${dollars(usd)}` : 'cost unknown';
  return `${usdEstimated > 0 ? '≈ ' : ''}${dollars(usd)}`;
}

/** It has cost more than the dollars say. */
export const isPart = ({ tokensUnpriced = 0, logsUnread = 0 }: Money): boolean => tokensUnpriced + logsUnread > 0;

/** No dollars were counted, and nothing is missing in them: no cost is shown. */
export const isFree = (money: Money): boolean => money.usd <= 0 && !isPart(money);

/** Before a number of tokens: what a log tells of that could not be read is not in it. */
export const moreThan = ({ logsUnread = 0 }: Money): string => (logsUnread > 0 ? 'more than ' : '');
