import { expect, test } from 'vitest';
import { bytes, cost, dollars, mark, plain, requestsLeft, span, took, withHint } from './words.ts';

test.each([
  [0, '0 s'],
  [59_999, '59 s'],
  [61_000, '1 min'],
  [3 * 3600_000 + 5 * 60_000, '3 h 05'],
  [50 * 3600_000, '2 d'],
  [-5, '0 s'],
])('%d ms are %s', (ms, said) => expect(span(ms)).toBe(said));

test('amounts', () => {
  expect([took(40), took(1440), took(61_000)]).toEqual(['40 ms', '1.4 s', '1 min']);
  expect([bytes(0), bytes(999), bytes(1_200), bytes(412_000_000)]).toEqual(['0 B', '999 B', '1.2 kB', '412 MB']);
  const words = [
    { usd: 0.5 },
    { usd: 2.25, usdEstimated: 1 },
    { usd: 0.004 },
    { usd: 0, tokensUnpriced: 9 },
    { usd: 1.5, tokensUnpriced: 9 },
    { usd: 0, logsUnread: 1 },
  ];
  expect(words.map(cost)).toEqual(['$0.50', '≈ $2.25', '$0.0040', 'unknown', 'more than $1.50', 'unknown']);
  expect(cost({ usd: 0 })).toBe('–');
  expect([dollars(0), dollars(0.116), dollars(100), dollars(1234.5)]).toEqual(['$0', '$0.12', '$100', '$1235']);
});

test('a hint is a sentence of its own', () => {
  const hint = 'Do it.';
  expect(['tasks.md is empty', 'It is cut.'].map((message) => withHint({ message, hint }))).toEqual([
    ...['tasks.md is empty. Do it.', 'It is cut. Do it.'],
  ]);
});

test('marks of an axis of times are told apart', () => {
  expect([0, 500, 30_000, 60_000, 90_000, 120_000, 5_400_000, 7_200_000].map(mark)).toEqual([
    ...['0 s', '0.5 s', '30 s', '1 min', '1.5 min', '2 min', '1.5 h', '2 h'],
  ]);
});

test('what hides or turns a text shows; colours of a terminal go', () => {
  expect(plain('a\u202eb\u0000c\u001b[31mred\u001b[0m\nnext\tcell')).toBe('a\ufffdb\ufffdcred\nnext\tcell');
});

test('of GitHub’s limit: how much is left, and, when it is little, until when', () => {
  const now = Date.parse('2026-11-30T10:00:00Z');
  const anew = '2026-11-30T10:12:30Z';
  expect(requestsLeft({ remaining: 4000, of: 5000, anew }, now)).toEqual({ value: '4,000', isLittle: false });
  expect(requestsLeft({ remaining: 999, of: 5000, anew }, now)).toEqual({ value: '999, all again in 12 min', isLittle: true });
  expect(requestsLeft({ remaining: 0, of: 60, anew: '2026-11-30T09:00:00Z' }, now)).toEqual({
    value: '0, all again in 0 s',
    isLittle: true,
  });
  expect(requestsLeft({ remaining: 7, of: null, anew: null }, now)).toEqual({ value: '7', isLittle: false });
});
