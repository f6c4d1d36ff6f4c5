import { expect, test } from 'vitest';
import { momentArgument } from './moment-argument.ts';

const NOW = new Date(2026, 10, 22, 15, 0).getTime();

test.each([
  ['10m', NOW - 600_000],
  ['1.5h', NOW - 5_400_000],
  ['7d', NOW - 7 * 86_400_000],
  ['999999999d', 0],
  ['14:30', new Date(2026, 10, 22, 14, 30).getTime()],
  ['2026-11-01', new Date(2026, 10, 1).getTime()],
  ['2026-11-22T14:30', new Date(2026, 10, 22, 14, 30).getTime()],
  ['2026-11-22 14:30', new Date(2026, 10, 22, 14, 30).getTime()],
  ['2026-11-21T14:30:00Z', Date.UTC(2026, 10, 21, 14, 30)],
])('%s is a moment', (text, at) => expect(momentArgument(text, NOW)).toBe(at));

test.each([
  '',
  '1',
  'soon',
  '-1h',
  '1e5d',
  'NaN',
  '25:99',
  '24:00',
  '2026',
  '2026-13-01',
  '2026-02-31',
  '2026-11-22T99:99',
])('%j is none, and says what is one', (text) => expect(() => momentArgument(text, NOW)).toThrow(`"${text}" is not a time: write 10m`));

test.each(['15:01', '2026-11-23', '2030-01-01T00:00Z'])('%s is still to come', (text) =>
  expect(() => momentArgument(text, NOW)).toThrow(`"${text}" is in the future`));
