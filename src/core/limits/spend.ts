import type { Money, Spend } from '../model/run.ts';

const NOT_CERTAIN = ['usdEstimated', 'tokensEstimated', 'tokensUnpriced'] as const;

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
export const moneyOf = ({ usd, usdEstimated, tokensUnpriced }: Money): Money => ({
  usd,
  ...(usdEstimated ? { usdEstimated } : {}),
  ...(tokensUnpriced ? { tokensUnpriced } : {}),
});

export const addMoney = (a: Money, b: Money): Money =>
  moneyOf({
    usd: a.usd + b.usd,
    usdEstimated: Math.max(0, (a.usdEstimated ?? 0) + (b.usdEstimated ?? 0)),
    tokensUnpriced: Math.max(0, (a.tokensUnpriced ?? 0) + (b.tokensUnpriced ?? 0)),
  });

/** `$1.06`; what is less than a cent is not nothing. */
export const dollars = (usd: number): string => `$${usd > 0 && usd < 0.01 ? usd.toFixed(4) : usd.toFixed(2)}`;

/**
 * `$1.06` as the agent states it, `≈ $1.06` where the price of its model was taken, `more than $1.06` where some of the tokens have no price
 * that is known, `cost unknown` where none has.
 */
export function moneyWords({ usd, usdEstimated = 0, tokensUnpriced = 0 }: Money): string {
  if (tokensUnpriced > 0) return usd > 0 ? `more than ${dollars(usd)}` : 'cost unknown';
  return `${usdEstimated > 0 ? '≈ ' : ''}${dollars(usd)}`;
}

/** No dollars were counted, and no tokens lack a price: no cost is shown. */
export const isFree = ({ usd, tokensUnpriced = 0 }: Money): boolean => usd <= 0 && tokensUnpriced === 0;
