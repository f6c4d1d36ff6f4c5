import { expect, test } from 'vitest';
import { inReview, NOW } from '../../../../test/support/world/world.ts';
import { openMemoryStore } from '../../../adapters/store/memory.ts';
import type { Pull } from '../../../core/model/forge.ts';
import { known } from '../../../core/model/seen.ts';
import { type PullWatchOptions, watchPulls } from './pull-watch.ts';

test('pulls of a forge that has no checks are followed all the same, and nothing is said of their checks', async () => {
  const store = openMemoryStore();
  store.commit({ tasks: [1, 2].map((number) => ({ next: inReview(`gh-${number}`, number), expected: null })) });
  const asked: string[] = [];
  const forge = {
    limits: () => null,
    pullsOf: async () => [],
    checks: async (commit: string) => {
      asked.push(commit);
      return null;
    },
  };
  const clock = { now: () => NOW, startOfDay: () => NOW };
  const log = { debug: expect.unreachable, warn: expect.unreachable };
  const advance: PullWatchOptions['advance'] = async (sights) => sights;
  const withdrawals: PullWatchOptions['withdrawals'] = { isDue: () => false, withdraw: advance };
  const around = {
    withdrawals,
    tidy: advance,
    follows: () => true,
    gather: async () => undefined,
    advance,
    letGo: advance,
    talk: async () => undefined,
  };
  const watch = watchPulls({ forge, store, clock, log, interval: () => 60_000, ...around } as unknown as PullWatchOptions);
  const pull = (number: number) =>
    ({
      ...{ number, url: `https://forge.test/${number}`, state: 'open', draft: false, author: 'tac8', changedAt: NOW, updatedAt: NOW },
      head: { branch: `auto/gh-${number}`, commit: String(number).repeat(40) },
    }) as unknown as Pull;
  watch.follow(known([pull(1), pull(2)], NOW));
  await expect.poll(() => asked.length).toBe(1);
  await watch.close();
  expect([...watch.sights().values()].map(({ task, state, checks }) => ({ task, state, checks }))).toEqual([
    { task: 'gh-1', state: 'open', checks: null },
    { task: 'gh-2', state: 'open', checks: null },
  ]);
  expect(asked).toHaveLength(1);
});

test('who wants a merge no more does not wait for the next list, nor for what is asked meanwhile; what fails ends nobody', async () => {
  const store = openMemoryStore();
  store.commit({ tasks: [{ next: inReview('gh-1', 1), expected: null }] });
  const said: string[] = [];
  const done: string[] = [];
  let [isDue, ask] = [false, (): void => undefined];
  const keep: PullWatchOptions['advance'] = async (sights) => sights;
  const withdrawals: PullWatchOptions['withdrawals'] = {
    isDue: () => isDue,
    withdraw: async (sights) => {
      done.push('withdraw');
      isDue = false;
      if (done.length === 3) throw new Error('the disk is full');
      return sights;
    },
  };
  const talk = () => new Promise<void>((resolve) => (ask = resolve));
  const around = {
    withdrawals,
    follows: () => false,
    gather: async () => undefined,
    advance: keep,
    tidy: keep,
    letGo: keep,
    talk,
  };
  const forge = { limits: () => null, pullsOf: async () => [], checks: async () => null };
  const log = { debug: expect.unreachable, warn: (words: string) => said.push(words) };
  const clock = { now: () => NOW, startOfDay: () => NOW };
  const watch = watchPulls({ forge, store, clock, log, interval: () => 60_000, ...around } as unknown as PullWatchOptions);
  watch.follow(known([], NOW));
  await expect.poll(() => done.length).toBe(1);
  // It asks around still.
  isDue = true;
  watch.follow(known([], NOW));
  expect(done).toHaveLength(1);
  const asked = (): number => {
    ask();
    return done.length;
  };
  await expect.poll(asked).toBe(2);
  isDue = true;
  watch.follow(known([], NOW));
  await expect.poll(() => said).toEqual(['what becomes of the pulls: the disk is full']);
  await watch.close();
});
