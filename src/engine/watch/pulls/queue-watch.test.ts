import { expect, test } from 'vitest';
import { NOW } from '../../../../test/support/world/world.ts';
import { openMemoryStore } from '../../../adapters/store/memory.ts';
import type { LetGo } from '../../../core/review/merging.ts';
import type { PullSight, PullSights } from '../../../core/review/pull-sights.ts';
import { type QueueWatchOptions, watchQueue } from './queue-watch.ts';

const COMMIT = 'c'.repeat(40);
const sight = (number: number, more: Partial<PullSight> = {}): PullSight => ({
  ...{ task: `gh-${number}`, number, state: 'open', draft: false, commit: COMMIT, at: NOW, checks: null },
  advanced: { step: 'merge', commit: COMMIT },
  ...more,
});
const of = (...all: readonly PullSight[]): PullSights => new Map(all.map((one) => [one.number, one]));

function scene(answer: () => ReadonlyMap<number, LetGo | null>) {
  const store = openMemoryStore();
  const asked: (readonly number[])[] = [];
  const said: string[] = [];
  const clock = { now: NOW };
  const log = { info: () => undefined, warn: (words: string) => said.push(words) };
  const forge = {
    letGo: async (pulls: readonly number[]) => {
      asked.push(pulls);
      return answer();
    },
  };
  const { look } = watchQueue({ forge, store, log, clock: { now: () => clock.now } } as unknown as QueueWatchOptions);
  const events = () => store.history({ task: 'gh-1', limit: 10 }).map(({ event, detail }) => `${event} ${detail}`);
  return { asked, said, clock, events, look: (sights: PullSights) => look(sights, new AbortController().signal) };
}

test('those that the forge was to merge are asked for in one question, a storm asks no more often, and each end is told once', async () => {
  const gone: LetGo = { id: 'E1', why: 'other', words: 'GitHub took it out of the merge queue (cleared)', commit: null };
  let answer: LetGo | null = gone;
  const { asked, clock, events, look } = scene(() => new Map([[1, answer]]));
  const others = [sight(3, { state: 'merged' }), sight(4, { advanced: { step: 'merge', commit: 'd'.repeat(40) } })];
  const ready = sight(5, { advanced: { step: 'ready', commit: COMMIT } });
  let sights = await look(of(sight(1), sight(2), ...others, ready));
  expect(asked).toEqual([[1, 2]]);
  expect(sights.get(1)?.unmerged).toEqual({ commit: COMMIT, why: gone.words, since: NOW, letGo: gone });
  expect([...sights.values()].filter(({ unmerged }) => unmerged !== undefined)).toHaveLength(1);
  expect(await look(sights)).toBe(sights);
  clock.now += 20_000;
  expect(await look(sights)).toBe(sights);
  expect([asked.length, events()]).toEqual([2, [`let-go pull #1: ${gone.words}`]]);
  answer = null;
  clock.now += 20_000;
  sights = await look(sights);
  expect(sights.get(1)).not.toHaveProperty('unmerged');
  expect(events()).toHaveLength(2);
  expect(await look(of(ready))).toEqual(of(ready));
  expect(asked).toHaveLength(3);
});

test('where nobody can tell, what was known stays', async () => {
  const { said, look } = scene(() => {
    throw new Error('GitHub answered 502');
  });
  const before = of(sight(1));
  expect(await look(before)).toBe(before);
  expect(said).toEqual([expect.stringContaining('is not known: GitHub answered 502')]);
});
