import { expect, test } from 'vitest';
import { excerptOf } from './excerpt.ts';

const lines = (from: number, to: number, word = 'line'): string[] => Array.from({ length: to - from }, (_, n) => `${word} ${from + n}`);

test.each([
  ['of a short log without a word of failure all of it', 'a\nb\n\n', 'a\nb'],
  ['the times in front of the lines are left out', '2026-11-29T10:00:00.1234567Z building\n2026-11-29T10:00:01Z done', 'building\ndone'],
  ['a count of none is no failure', `${lines(0, 90).join('\n')}\n0 errors, 0 failed`, [...lines(31, 90), '0 errors, 0 failed'].join('\n')],
])('%s', (_, log, excerpt) => expect(excerptOf(log)).toBe(excerpt));

test('around the first failure and the last, however much stands in between', () => {
  const log = [...lines(0, 500), 'FAIL src/a.test.ts', ...lines(500, 4000), 'Tests: 1 failed', ...lines(4000, 4100, 'after')];
  const excerpt = excerptOf(log.join('\r\n'));
  expect(excerpt).toContain('line 499\nFAIL src/a.test.ts\nline 500');
  expect(excerpt).toContain('[…]\nline 3998\nline 3999\nTests: 1 failed\nafter 4000');
  expect(excerpt.split('\n').length).toBeLessThan(25);
});

test('bounded, whatever the log is', () => {
  for (const log of ['error '.repeat(200_000), 'error\n'.repeat(200_000), `${'x'.repeat(3_000_000)}\nerror`])
    expect(excerptOf(log).length).toBeLessThan(60 * 310);
});
