import { describe, expect, test } from 'vitest';
import { ended, failed, NOW, pending } from '../../../test/support/world/world.ts';
import type { FailureType } from '../model/failure.ts';
import { endingOf, taskEnd } from '../model/records.ts';
import { NO_SPEND, type Outcome, type Run } from '../model/run.ts';
import { durationsOf, reporter, shareOf } from './report.ts';

const DAY = 86_400_000;
const dayOf = (at: number): string => String(Math.floor(at / DAY));
const failure = (type: FailureType): Outcome => ({ kind: 'failed', failure: { type, message: 'm', at: NOW }, resumable: false });
let n = 0;
function run(outcome: Outcome | null, minutes: number, at = NOW - 1000): Run {
  n += 1;
  const usd = { stream: { ...ended('w-000001', 'gh-1').stream, spend: { ...NO_SPEND, usd: 1, outputTokens: 10 } } };
  const settlement = outcome === null ? {} : { outcome, pull: { number: 500 + n, url: '' } };
  return ended(`w-${n}`, `gh-${n}`, { startedAt: at - minutes * 60_000, endedAt: at, settlement, ...usd });
}
function report(runs: readonly Run[]) {
  const reading = reporter(NOW - 3 * DAY, dayOf);
  for (const ending of runs.map(endingOf)) if (ending !== null) reading.take(ending);
  return reading.report([], NOW);
}

test('each run is in one class; what a person, the provider or the machine ended counts as no failure of the agent', () => {
  const seen = report([
    run({ kind: 'done' }, 10),
    run({ kind: 'done' }, 20),
    run({ kind: 'done' }, 30),
    run(failure('stalled'), 60),
    ...(['stopped', 'killed', 'cancelled'] as const).map((type) => run(failure(type), 1)),
    ...(['usage_limit', 'provider_error', 'interrupted', 'auth_error'] as const).map((type) => run(failure(type), 1)),
    run({ kind: 'blocked', question: 'Which?' }, 1),
    run(null, 1),
  ]);
  expect(seen.tally).toEqual({ done: 3, failed: 1, person: 3, outside: 4, asked: 1 });
  expect(seen.runs).toBe(12);
  expect(seen.success).toMatchObject({ hits: 3, of: 4, share: 0.75 });
  expect(seen.durations.done).toEqual({ of: 3, median: 20 * 60_000, p90: 30 * 60_000, longest: 30 * 60_000 });
  expect(seen.spend).toEqual({ ...NO_SPEND, usd: 12, outputTokens: 120 });
  expect(seen.failures[0]).toEqual({ type: 'auth_error', count: 1 });
  expect(seen.pulls.size).toBe(12);
});

test('days without a run are there as well, and what ended before is not', () => {
  const seen = report([run({ kind: 'done' }, 1), run(failure('crash'), 1, NOW - 2 * DAY), run({ kind: 'done' }, 1, NOW - 4 * DAY)]);
  expect(seen.days.map(({ done, failed: lost, usd }) => [done, lost, usd])).toEqual([
    [0, 0, 0],
    [0, 1, 1],
    [0, 0, 0],
    [1, 0, 1],
  ]);
  expect(seen.runs).toBe(2);
});

test('tasks: completed, of those that no person ended', () => {
  const reading = reporter(0, dayOf);
  const cancelled = failed('gh-3', { failure: { type: 'cancelled', message: 'm', at: NOW } });
  const done = { ...pending('gh-1'), state: 'completed', run: 'w-1', at: NOW, commit: null } as const;
  const tasks = [done, failed('gh-2'), cancelled, pending('gh-4')].flatMap((task) => taskEnd(task) ?? []).map((end) => ({ ...end, n: 1 }));
  expect(reading.report(tasks, NOW).tasks).toMatchObject({ hits: 1, of: 2 });
  expect(
    reading.report(
      [
        { state: 'completed', failure: null, n: 3 },
        { state: 'review', failure: null, n: 2 },
        { state: 'failed', failure: 'crash', n: 5 },
      ],
      NOW,
    ).tasks,
  ).toMatchObject({ hits: 5, of: 10 });
});

describe('shares and ranks', () => {
  test('the range is wide for few, never beyond 0 and 1, and there is none for nothing', () => {
    expect(shareOf(0, 0)).toEqual({ hits: 0, of: 0, share: null, low: null, high: null });
    const [few, many] = [shareOf(7, 9), shareOf(700, 900)];
    expect([few.low, few.high].map((part) => part?.toFixed(2))).toEqual(['0.45', '0.94']);
    expect([many.low, many.high].map((part) => part?.toFixed(2))).toEqual(['0.75', '0.80']);
    expect(shareOf(3, 3)).toMatchObject({ share: 1, high: 1 });
    expect(shareOf(0, 3)).toMatchObject({ share: 0, low: 0 });
  });

  test('by nearest rank', () => {
    expect(durationsOf([])).toEqual({ of: 0, median: null, p90: null, longest: null });
    expect(durationsOf([5])).toEqual({ of: 1, median: 5, p90: 5, longest: 5 });
    expect(durationsOf([10, 1, 2, 3, 4, 5, 6, 7, 8, 9])).toEqual({ of: 10, median: 5, p90: 9, longest: 10 });
  });
});
