import { expect, test } from 'vitest';
import { openMemoryStore } from '../../adapters/store/memory.ts';
import { createMeter } from './meter.ts';
import { tellSlow, tellStuck } from './slow.ts';

test('a tick over a second is told with the step that took the most, once a minute', () => {
  let now = 0;
  const told: string[] = [];
  const nothing = (): void => undefined;
  const log = { debug: nothing, info: nothing, error: nothing, warn: (message: string) => void told.push(message) };
  const clock = { now: () => now, steady: () => now, spent: () => now, at: () => nothing, local: String, startOfDay: () => 0 };
  const store = openMemoryStore();
  const meter = createMeter(0);
  const slow = tellSlow({ store, clock, log });
  const tick = (look: number, decide: number, publish: number): void => {
    const began = now;
    meter.step('look', now);
    now += look;
    meter.step('decide', now);
    now += decide;
    meter.step('publish', now);
    now += publish;
    slow(meter.ticked(began, now, true));
  };
  tick(400, 100, 400);
  expect(store.fact('slow')).toBeNull();
  tick(10, 1800, 200);
  expect(told).toEqual(['a tick of the loop took 2.0 s, 1.8 s of it deciding']);
  expect(store.fact('slow')).toEqual({ at: now, step: 'decide', message: told[0] });
  tick(3000, 0, 0);
  expect(told).toHaveLength(1);
  now += 60_000;
  tick(0, 0, 1500);
  expect(told[1]).toBe('a tick of the loop took 1.5 s, 1.5 s of it writing the board');
  expect(meter.read().slow).toEqual({ look: 1, decide: 1, record: 0, publish: 1 });
});

test('a tick that does not end is told of while it lasts, with its step; one that ended is not', () => {
  let now = 0;
  const told: string[] = [];
  const nothing = (): void => undefined;
  const log = { debug: nothing, info: nothing, error: nothing, warn: (message: string) => void told.push(message) };
  const wakes = new Map<() => void, number>();
  const at = (time: number, wake: () => void): (() => void) => {
    wakes.set(wake, time);
    return () => void wakes.delete(wake);
  };
  const pass = (ms: number): void => {
    now += ms;
    for (const [wake, time] of [...wakes])
      if (time <= now) {
        wakes.delete(wake);
        wake();
      }
  };
  const meter = createMeter(0);
  const clock = { now: () => now, steady: () => now, spent: () => now, at, local: String, startOfDay: () => 0 };
  const begins = tellStuck({ log, clock }, meter.at);
  const ended = begins();
  meter.step('look', now);
  pass(9_999);
  expect(told).toEqual([]);
  pass(1);
  expect(told).toEqual(['the loop has waited for 10 s while looking at workers, board and machine: nothing else goes on until that ends']);
  meter.step('publish', now);
  pass(60_000);
  expect(told[1]).toContain('for 70 s while writing the board');
  ended();
  pass(600_000);
  expect(told).toHaveLength(2);
  expect(wakes.size).toBe(0);
});
