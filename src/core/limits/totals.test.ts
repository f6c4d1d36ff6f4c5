import { expect, test } from 'vitest';
import { ended, NOW } from '../../../test/support/world/world.ts';
import { EMPTY_STREAM, NO_SPEND, type Outcome, type Run } from '../model/run.ts';
import { addRuns, NO_TOTALS, RECENT } from './totals.ts';

const failed = (type: 'stalled' | 'stopped'): Outcome => ({ kind: 'failed', failure: { type, message: type, at: NOW }, resumable: true });
const stream = { ...EMPTY_STREAM, spend: { ...NO_SPEND, inputTokens: 10, usd: 0.5 } };

function settled(outcome: Outcome, seconds: number | null): Run {
  const times = { startedAt: seconds === null ? null : NOW - seconds * 1000, endedAt: NOW };
  return { ...ended('w-000001', 'gh-1'), ...times, stream, settlement: { outcome }, state: 'settled' } as Run;
}

test('each settled run counts once: by outcome, by duration, with its spend', () => {
  const totals = addRuns(NO_TOTALS, [settled({ kind: 'done' }, 10), settled({ kind: 'done' }, 99_999), settled(failed('stalled'), 11)]);
  expect(totals.outcomes).toEqual({ done: 2, stalled: 1 });
  expect(totals.durations.done).toEqual({ counts: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], sum: 100_009 });
  expect(totals.durations.failed).toEqual({ counts: [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], sum: 11 });
  expect(totals.spend).toEqual({ ...NO_SPEND, inputTokens: 30, usd: 1.5 });
});

test('one that never came to an agent has no duration; one that is not settled yet counts nothing', () => {
  expect(addRuns(NO_TOTALS, [settled(failed('stalled'), null)]).durations).toEqual({});
  expect(addRuns(NO_TOTALS, [ended('w-000001', 'gh-1')])).toBe(NO_TOTALS);
});

test('the last outcomes are kept, without those that a person brought about', () => {
  const many = Array.from({ length: RECENT + 5 }, (_, n) => settled(n < 5 ? failed('stalled') : { kind: 'done' }, 1));
  expect(addRuns(NO_TOTALS, many).recent).toEqual(new Array(RECENT).fill('done'));
  expect(addRuns(NO_TOTALS, [settled(failed('stopped'), 1)]).recent).toEqual([]);
});
