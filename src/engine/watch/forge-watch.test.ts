import { expect, test } from 'vitest';
import type { Issue } from '../../core/model/forge.ts';
import type { Forge } from '../ports/outside/forge.ts';
import { watchForge } from './forge-watch.ts';

const SECOND = 1000;

/** A forge that is asked every 200 ms, and a clock that the test moves. */
function desk() {
  const at = { now: 1_000_000, isDead: true, asked: 0 };
  const forge = {
    issues: async (): Promise<readonly Issue[]> => {
      at.asked += 1;
      if (at.isDead) throw new Error('connect ECONNREFUSED');
      return [];
    },
    openPulls: async () => [],
  } as unknown as Forge;
  const watch = watchForge({
    forge,
    clock: { now: () => at.now } as never,
    log: { warn: () => undefined } as never,
    wanted: () => ({ label: 'rpi-auto' }) as never,
    interval: () => 200,
    wake: () => undefined,
    onNews: () => undefined,
  });
  /** How often it is asked in so many seconds of ticks. */
  const asksIn = async (seconds: number): Promise<number> => {
    const before = at.asked;
    for (const end = at.now + seconds * SECOND; at.now < end; at.now += 100) {
      watch.pollIfDue(at.now);
      for (let turn = 0; turn < 20; turn += 1) await null;
    }
    return at.asked - before;
  };
  return { at, watch, asksIn };
}

test('a forge that does not answer is asked ever more seldom, every five seconds at last', async () => {
  const { watch, asksIn } = desk();
  expect(await asksIn(10)).toBeLessThanOrEqual(6);
  expect(await asksIn(50)).toBe(10);
  await watch.close();
});

test('it is asked as often as before once it answers, and at once when somebody is in a hurry', async () => {
  const { at, watch, asksIn } = desk();
  await asksIn(30);
  at.isDead = false;
  watch.hurry();
  expect(await asksIn(1)).toBe(5);
  expect(watch.issues().known).toBe(true);
  await watch.close();
});
