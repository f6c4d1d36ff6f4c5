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
  const around = { withdrawals, follows: () => true, gather: async () => undefined, advance, letGo: advance, talk: async () => undefined };
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
