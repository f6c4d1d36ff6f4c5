import { beforeEach, expect, test } from 'vitest';
import { active, pending, running } from '../../../test/support/world/world.ts';
import { openMemoryStore } from '../../adapters/store/memory.ts';
import { spentToday } from '../../core/limits/spending.ts';
import { NEW_FLEET } from '../../core/model/fleet.ts';
import type { RunId, TaskId } from '../../core/model/task.ts';
import type { Clock } from '../ports/machine/clock.ts';
import type { Log } from '../ports/records/log.ts';
import type { Store } from '../ports/records/store.ts';
import { evenClock, watchClock } from './clock-watch.ts';

const T = 1_800_000_000_000;
let steady = 0;
let offset = T;
let said: string[] = [];
let store: Store;
const DAY = 86_400_000;
const startOfDay = (time: number): number => Math.floor(time / DAY) * DAY;
const clock = { now: () => steady + offset, steady: () => steady, startOfDay } as Clock;
const note = (text: string): number => said.push(text);
const log: Log = { debug: note, info: note, warn: note, error: note };

beforeEach(() => {
  steady = 0;
  offset = T;
  said = [];
  store = openMemoryStore();
  store.commit({
    tasks: [
      { next: active('gh-1', 'w-000001', { startedAt: T - 60_000 }), expected: null },
      { next: pending('gh-2', { retryAt: T + 60_000 }), expected: null },
    ],
    runs: [{ next: running('w-000001', 'gh-1', { startedAt: T - 60_000 }), expected: null }],
    facts: { fleet: { ...NEW_FLEET, pausedAt: T - 5_000 } },
  });
});

test.each([
  -86_400_000, -3_600_000, -600_000, -2_000, 2_000, 600_000, 3_600_000, 86_400_000,
])('set by %d ms is noticed once, and all that waits is moved along', (by) => {
  const set: number[] = [];
  const wasSet = watchClock({ store, clock: evenClock(clock), log }, (ms) => set.push(ms));
  expect(wasSet()).toBe(false);
  steady += 10_000;
  expect(wasSet()).toBe(false);
  offset += by;
  steady += 1_000;
  expect(wasSet()).toBe(true);
  expect(wasSet()).toBe(false);
  expect(set).toEqual([by]);
  expect(store.run('w-000001')).toMatchObject({ startedAt: T - 60_000 + by });
  expect(store.task('gh-1')).toMatchObject({ startedAt: T - 60_000 + by });
  expect(store.task('gh-2')).toMatchObject({ retryAt: T + 60_000 + by, addedAt: pending('gh-2').addedAt });
  expect(store.fact('fleet')).toMatchObject({ pausedAt: T - 5_000 + by });
  expect(said).toEqual([expect.stringMatching(by < 0 ? /set back by/ : /set forward by/)]);
});

test.each([-3_600_000, 2_400_000])('set by %d ms, what a provider said to one task stays as long ago as it was, for each login', (by) => {
  const said = { type: 'usage_limit', at: T - 45 * 60_000, task: 'gh-1' as TaskId } as const;
  const parked = { type: 'usage_limit', until: T + DAY, since: T - 60_000, run: 'w-000001' as RunId, message: '429' } as const;
  const state = { parked, claim: said, providerErrors: 0 };
  store.commit({ facts: { fleet: { ...NEW_FLEET, ...state, logins: { other: state } } } });
  const wasSet = watchClock({ store, clock: evenClock(clock), log }, undefined);
  wasSet();
  offset += by;
  expect(wasSet()).toBe(true);
  const moved = { parked: { until: T + DAY, since: T - 60_000 + by }, claim: { ...said, at: said.at + by } };
  expect(store.fact('fleet')).toMatchObject({ ...moved, logins: { other: moved } });
});

test.each([
  -DAY,
  -3_600_000,
  3_600_000,
  DAY,
  9 * DAY,
])('set by %d ms, what was spent today is today’s still, and what was spent before is not', (by) => {
  const spent = (start: number) => store.commit({ facts: { fleet: { ...NEW_FLEET, day: { start, usd: 9 } } } });
  const today = { start: startOfDay(T + by) };
  const wasSet = watchClock({ store, clock: evenClock(clock), log }, undefined);
  expect(wasSet()).toBe(false);
  spent(startOfDay(T));
  offset += by;
  expect(wasSet()).toBe(true);
  expect(spentToday(store.fact('fleet')?.day, { today })).toEqual({ usd: 9 });
  spent(startOfDay(T) - 3 * DAY);
  offset -= by;
  expect(wasSet()).toBe(true);
  expect(store.fact('fleet')?.day?.start).toBe(startOfDay(T) - 3 * DAY);
});

test('a clock that is kept right bit by bit, and a machine that slept, are no jump', () => {
  const wasSet = watchClock({ store, clock: evenClock(clock), log }, undefined);
  expect(wasSet()).toBe(false);
  for (let n = 0; n < 100; n += 1) {
    steady += 60_000;
    offset += 300;
    expect(wasSet()).toBe(false);
  }
  steady += 8 * 3_600_000;
  expect(wasSet()).toBe(false);
  expect(store.run('w-000001')).toMatchObject({ startedAt: T - 60_000 });
});

test('a machine that is busy between two readings is no jump', () => {
  let reads = 0;
  const busy: Clock = {
    ...clock,
    steady: () => {
      reads += 1;
      if (reads % 3 === 0) steady += 5_000;
      return steady;
    },
  };
  const wasSet = watchClock({ store, clock: evenClock(busy), log }, undefined);
  for (let n = 0; n < 50; n += 1) expect(wasSet()).toBe(false);
});

test('where nothing can be written, the loop begins anew all the same', () => {
  const set: number[] = [];
  const refuses: Store = {
    ...store,
    commit() {
      throw new Error('no room');
    },
  };
  const wasSet = watchClock({ store: refuses, clock: evenClock(clock), log }, (by) => set.push(by));
  expect(wasSet()).toBe(false);
  offset -= 600_000;
  expect(wasSet()).toBe(true);
  expect(set).toEqual([-600_000]);
  expect(said.at(-1)).toContain('no room');
});

test.each([
  -86_400_000, 86_400_000,
])('what is noted after the clock was set by %d ms, and before that is noticed, is of the old time', (by) => {
  const even = evenClock(clock);
  const wasSet = watchClock({ store, clock: even, log }, undefined);
  expect(wasSet()).toBe(false);
  offset += by;
  steady += 500;
  expect(even.now()).toBe(T + 500);
  const run = store.run('w-000001');
  store.commit({ runs: [{ next: running('w-000001', 'gh-1', { startedAt: even.now() }), expected: run?.version ?? null }] });
  expect(wasSet()).toBe(true);
  expect(even.now()).toBe(T + by + 500);
  expect(store.run('w-000001')).toMatchObject({ startedAt: T + by + 500 });
});

test('a wake that was asked for before the clock was noticed to be set comes after the time that was meant', () => {
  const asked: number[] = [];
  const even = evenClock({
    ...clock,
    at(time) {
      asked.push(time - clock.now());
      return () => undefined;
    },
  });
  even.now();
  offset -= 3_600_000;
  even.at(even.now() + 1_000, () => undefined);
  expect(asked).toEqual([1_000]);
});
