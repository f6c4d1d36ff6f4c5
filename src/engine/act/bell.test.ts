import { expect, test } from 'vitest';
import type { Clock } from '../ports/machine/clock.ts';
import { createBell } from './bell.ts';

/** Time that passes only when somebody waits. */
function standing() {
  let now = 0;
  const timers = new Set<{ time: number; wake: () => void }>();
  const clock = {
    now: () => now,
    spent: () => now,
    at(time: number, wake: () => void) {
      const timer = { time, wake };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
  } as Clock;
  /** To the next timer; whoever waits for it goes on. */
  const pass = async (): Promise<void> => {
    const next = [...timers].sort((a, b) => a.time - b.time)[0];
    if (next === undefined) throw new Error('nobody waits');
    timers.delete(next);
    now = Math.max(now, next.time);
    next.wake();
    await Promise.resolve();
  };
  const work = (ms: number): void => {
    now += ms;
  };
  /** As timers do it: whoever waits, waits as long as before. */
  const set = (by: number): void => {
    now += by;
    for (const timer of timers) timer.time += by;
  };
  return { clock, pass, work, set, waits: () => timers.size > 0 };
}

async function asleep(sleep: Promise<void>, pass: () => Promise<void>, waits: () => boolean): Promise<void> {
  let done = false;
  void sleep.then(() => {
    done = true;
  });
  for (let n = 0; n < 100 && !done; n += 1) {
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    if (!done && waits()) await pass();
  }
}

test('the first call is answered at once, a burst after it is one tick', async () => {
  const { clock, pass, waits } = standing();
  const bell = createBell(clock);
  await asleep(bell.sleep(1_000), pass, waits);
  expect(clock.now()).toBe(1_000);
  bell.rouse();
  bell.rouse();
  await asleep(bell.sleep(2_000), pass, waits);
  expect(clock.now()).toBe(1_010);
  await asleep(bell.sleep(2_000), pass, waits);
  expect(clock.now()).toBe(2_000);
});

test('a clock that is set back during the sleep makes the next rest no longer', async () => {
  const { clock, pass, waits, set, work } = standing();
  const bell = createBell(clock);
  work(86_400_000);
  bell.rouse();
  await asleep(bell.sleep(clock.now() + 1_000), pass, waits);
  const sleep = bell.sleep(clock.now() + 60_000);
  set(-86_400_000);
  const from = clock.now();
  bell.rouse();
  await asleep(sleep, pass, waits);
  expect(clock.now() - from).toBeLessThanOrEqual(250);
});

test('news are kept until they are taken, what only may have changed is none', () => {
  const bell = createBell(standing().clock);
  bell.takeNews();
  bell.rouse();
  expect(bell.hasNews()).toBe(false);
  bell.ring();
  expect(bell.hasNews()).toBe(true);
  bell.takeNews();
  expect(bell.hasNews()).toBe(false);
});

test.each([
  [5, 20],
  [40, 160],
])('ticks of %i ms without end come to be %i ms apart, and none is put off for longer than a rest', async (took, apart) => {
  const { clock, pass, work, waits } = standing();
  const bell = createBell(clock);
  const starts: number[] = [];
  for (let n = 0; n < 800; n += 1) {
    bell.ring();
    await asleep(bell.sleep(Number.POSITIVE_INFINITY), pass, waits);
    starts.push(clock.now());
    work(took);
  }
  const gaps = starts.slice(1).map((at, n) => at - (starts[n] ?? 0));
  // A few are as quick as can be: what ends alone is not held up.
  expect(gaps.slice(0, 10).every((gap) => gap <= Math.max(10, took))).toBe(true);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(250 + took);
  const late = gaps.slice(-50);
  expect(late.reduce((sum, gap) => sum + gap, 0) / late.length).toBeGreaterThan(apart * 0.8);
});
