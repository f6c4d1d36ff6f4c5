import { expect, test } from 'vitest';
import { priced, priceIn } from './price.ts';

const prices = {
  'gpt-5': { input: 1, output: 10, cached: 0.1 },
  'gpt-5*': { input: 2, output: 20, cached: 0.1 },
  '*': { input: 3, output: 30, cached: 0.5 },
};
const spend = { inputTokens: 1_000_000, outputTokens: 100_000, cacheReadTokens: 1_000_000, cacheWriteTokens: 0, usd: 0 };

test('a model has the price of its whole name, else of the longest beginning that it has', () => {
  expect([priceIn(prices, 'gpt-5')?.input, priceIn(prices, 'gpt-5-mini')?.input, priceIn(prices, 'other')?.input]).toEqual([1, 2, 3]);
  expect([priceIn(prices, null)?.input, priceIn({}, 'gpt-5'), priceIn({ a: prices['*'] }, 'toString')]).toEqual([3, null, null]);
});

test('dollars of the table are marked; those that an agent has stated stay', () => {
  expect(priced(spend, prices, 'gpt-5-mini')).toEqual({ ...spend, usd: 4.2, usdEstimated: 4.2 });
  expect(priced({ ...spend, usd: 1 }, prices, 'gpt-5')).toEqual({ ...spend, usd: 1 });
  expect(priced(spend, {}, 'gpt-5')).toEqual(spend);
});
