import { expect, test } from 'vitest';
import { allowanceGate } from './allowance-words.ts';

const NOW = 1_800_000_000_000;
const spent = [
  { by: 'rights', requests: 3_000, points: 0 },
  { by: 'glance', requests: 0, points: 120 },
];
const text = (left: Parameters<typeof allowanceGate>[0]): string | undefined => allowanceGate(left, NOW)[0]?.text;

test.each([
  ['enough', { limit: 5_000, remaining: 4_000, spent }, undefined],
  ['nobody knows', null, undefined],
  ['a server without limits', { limit: null, remaining: null, spent }, undefined],
  [
    'few are left',
    { limit: 5_000, remaining: 900, spent },
    'only 900 of 5000 requests to GitHub are left (this hour: 3000 for who may start work, 120 GraphQL points)',
  ],
  [
    'none are taken',
    { limit: 5_000, remaining: 4_000, held: { until: NOW + 1, because: 'a secondary limit' }, spent },
    'GitHub takes no requests: a secondary limit (this hour: 3000 for who may start work, 120 GraphQL points)',
  ],
  ['they are taken again', { limit: 5_000, remaining: 4_000, held: { until: NOW, because: 'x' } }, undefined],
])('%s', (_, left, words) => expect(text(left)).toBe(words));
