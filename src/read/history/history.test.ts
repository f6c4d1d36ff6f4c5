import { expect, test } from 'vitest';
import { ended, NOW, pending, running } from '../../../test/support/world/world.ts';
import { openMemoryStore } from '../../adapters/store/memory.ts';
import { stats, timeline } from '../../api/history.ts';
import type { Run } from '../../core/model/run.ts';
import { type KeptDays, readStats } from './stats.ts';
import { readTimeline } from './timeline.ts';

const DAY = 24 * 60 * 60_000;

/** A run that took so many minutes and ended so long ago. */
function run(n: number, ago: number, minutes: number, model: string | null, outcome: Run['settlement']['outcome']): Run {
  const one = ended(`w-00000${n}`, n % 2 === 0 ? 'gh-2' : 'gh-1', { startedAt: NOW - ago - minutes * 60_000, endedAt: NOW - ago });
  const stream = { ...one.stream, model, spend: { ...one.stream.spend, usd: 0.5, inputTokens: 100 } };
  return { ...one, stream, settlement: outcome === undefined ? {} : { outcome } };
}

const FAILED = { kind: 'failed', resumable: false, failure: { type: 'timeout', message: 'too long', at: NOW } } as const;

function storeWith(runs: readonly Run[]) {
  const store = openMemoryStore();
  const tasks = [pending('gh-1', {}), { ...pending('gh-2'), labels: ['rpi-auto', 'docs'] }];
  store.commit({ tasks: tasks.map((next) => ({ next, expected: null })), runs: runs.map((next) => ({ next, expected: null })) });
  return store;
}

test('each day, model and label has what its runs came to; days without runs are there', async () => {
  const store = storeWith([
    run(1, 1_000, 10, 'sonnet', { kind: 'done' }),
    run(2, 2_000, 20, 'sonnet', FAILED),
    run(3, 2 * DAY, 30, null, { kind: 'done' }),
    run(4, 40 * DAY, 30, 'opus', { kind: 'done' }),
  ]);
  const found = await readStats(store, NOW, 4, new Map());
  expect(stats.parse(found)).toEqual(found);
  expect(found.days.map(({ runs }) => runs)).toEqual([0, 1, 0, 2]);
  const today = { runs: 2, outcomes: { done: 1, timeout: 1 }, usd: 1, tokens: 200, pulls: 0, median_ms: 1_200_000, p90_ms: 1_200_000 };
  expect(found.days.at(-1)).toMatchObject(today);
  expect(found.models.map(({ name, runs }) => [name, runs])).toEqual([
    ['sonnet', 2],
    ['unknown', 1],
  ]);
  expect(found.labels.map(({ name, runs }) => [name, runs])).toEqual([
    ['rpi-auto', 3],
    ['docs', 1],
  ]);
});

test('what of the dollars is not certain is told of each day, model and label', async () => {
  const priced = run(1, 1_000, 10, 'sonnet', { kind: 'done' });
  const guessed = {
    ...priced,
    id: 'w-00000b',
    stream: { ...priced.stream, spend: { ...priced.stream.spend, usdEstimated: 0.5 } },
  } as const;
  const bare = run(2, 2_000, 20, 'mystery', { kind: 'done' });
  const unpriced = { ...bare, stream: { ...bare.stream, spend: { ...bare.stream.spend, usd: 0, tokensUnpriced: 100 } } };
  const found = await readStats(storeWith([priced, guessed, unpriced]), NOW, 1, new Map());
  expect(stats.parse(found)).toEqual(found);
  expect(found.days[0]).toMatchObject({ usd: 1, usdEstimated: 0.5, tokensUnpriced: 100 });
  expect(found.models).toMatchObject([
    { name: 'sonnet', usd: 1, usdEstimated: 0.5 },
    { name: 'mystery', usd: 0, tokensUnpriced: 100 },
  ]);
  expect(found.models[0]).not.toHaveProperty('tokensUnpriced');
});

test('of one model, of one label, of both; what else could be chosen stays', async () => {
  const store = storeWith([
    run(1, 1_000, 10, 'sonnet', { kind: 'done' }),
    run(2, 2_000, 20, 'sonnet', FAILED),
    run(3, 3_000, 30, null, { kind: 'done' }),
    run(4, 4_000, 40, null, { kind: 'done' }),
  ]);
  const found = async (of: Parameters<typeof readStats>[4]) => {
    const { days, models, labels } = await readStats(store, NOW, 1, new Map(), of);
    return [days[0]?.runs, models.map(({ name, runs }) => `${name} ${runs}`), labels.map(({ name, runs }) => `${name} ${runs}`)];
  };
  expect(await found({ model: 'sonnet' })).toEqual([2, ['sonnet 2', 'unknown 2'], ['rpi-auto 2', 'docs 1']]);
  expect(await found({ model: 'unknown', label: 'docs' })).toEqual([1, ['sonnet 1', 'unknown 1'], ['rpi-auto 2', 'docs 1']]);
  expect(await found({ label: 'none' })).toEqual([0, [], ['rpi-auto 4', 'docs 2']]);
});

test('a day that is over is read once, unless a run of it is still being settled', async () => {
  const store = storeWith([run(1, 2 * DAY, 1, 'm', { kind: 'done' }), run(2, 3 * DAY, 1, 'm', undefined)]);
  const asked: number[] = [];
  const endings: typeof store.endings = (since, take, until) => {
    asked.push(since);
    store.endings(since, take, until);
  };
  const counting = { ...store, endings };
  const kept: KeptDays = new Map();
  const first = await readStats(counting, NOW, 5, kept);
  expect(asked).toHaveLength(5);
  expect(first.days.map(({ outcomes }) => outcomes)).toEqual([{}, { open: 1 }, { done: 1 }, {}, {}]);
  expect(await readStats(counting, NOW, 5, kept)).toEqual(first);
  expect(asked).toHaveLength(5 + 2);
});

test('bars: what ended since then, and what goes on', () => {
  const store = storeWith([
    run(1, 60_000, 10, 'm', { kind: 'done' }),
    run(2, DAY, 1, 'm', FAILED),
    running('w-00000c', 'gh-1', { startedAt: NOW - 5_000 }),
  ]);
  const found = readTimeline(store, NOW, NOW - 3_600_000);
  expect(timeline.parse(found)).toEqual(found);
  expect(found.bars.map(({ run, outcome, ended_at }) => [run, outcome, ended_at === null])).toEqual([
    ['w-000001', 'done', false],
    ['w-00000c', null, true],
  ]);
});
