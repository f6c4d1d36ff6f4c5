import { expect, test } from 'vitest';
import { inReview, NOW, seen } from '../../../../test/support/world/world.ts';
import { openMemoryStore } from '../../../adapters/store/memory.ts';
import type { PullSight, PullSights } from '../../../core/review/pull-sights.ts';
import { watchReviews } from './review-watch.ts';

const sights = (...states: readonly PullSight['state'][]): PullSights =>
  new Map(
    states.map((state, n) => [
      n + 1,
      { task: `gh-${n + 1}`, number: n + 1, state, draft: false, commit: 'c'.repeat(40), at: NOW, checks: null },
    ]),
  );

function scene(now: PullSights | null) {
  const store = openMemoryStore();
  let asked = 0;
  const tasks: typeof store.tasks = (ids) => {
    asked += 1;
    return store.tasks(ids);
  };
  const counted = { ...store, tasks };
  const current = { sights: now ?? new Map(), follows: true };
  const pulls = now === null ? null : { sights: () => current.sights };
  const watch = watchReviews({ store: counted, pulls, calls: null, follows: () => current.follows, counts: () => true });
  store.commit({ tasks: [1, 2, 3].map((n) => ({ next: inReview(`gh-${n}`, n), expected: null })) });
  return { store, current, watch, asked: () => asked };
}

test('names those whose pull was seen merged or closed, and looks again only when something changed', () => {
  const { store, current, watch, asked } = scene(sights('open', 'open', 'open'));
  const list = seen([]);
  expect(watch.due(list)).toEqual([]);
  current.sights = sights('open', 'merged', 'closed');
  expect(watch.due(list)).toEqual(['gh-2', 'gh-3']);
  for (let n = 0; n < 5; n += 1) expect(watch.due(list)).toEqual(['gh-2', 'gh-3']);
  expect(asked()).toBe(2);
  const { state: _, ...facts } = inReview('gh-2', 2);
  store.commit({ tasks: [{ next: { ...facts, state: 'completed', over: { at: NOW, how: 'merged' } }, expected: 1 }] });
  expect(watch.due(list)).toEqual(['gh-3']);
  // One left and one came: the next list shows it.
  store.commit({ tasks: [{ next: { ...facts, state: 'review' }, expected: 2 }] });
  expect(watch.due(seen([], NOW + 1))).toEqual(['gh-2', 'gh-3']);
});

test('names one that a close has completed and whose pull is open again, and no other that is over', () => {
  const { store, current, watch } = scene(sights('closed', 'closed', 'open'));
  const { state: _, ...facts } = inReview('gh-2', 2);
  store.commit({ tasks: [{ next: { ...facts, state: 'completed', over: { at: NOW, how: 'closed' } }, expected: 1 }] });
  expect(watch.due(seen([]))).toEqual(['gh-1']);
  const back = sights('closed', 'open', 'open');
  const again = back.get(2) ?? expect.unreachable();
  current.sights = new Map([...back, [2, { ...again, reopened: true }]]);
  expect(watch.due(seen([]))).toEqual(['gh-1', 'gh-2']);
});

test('all of them where pulls are not followed any more, none where there is no forge or none is in review', () => {
  const { current, watch } = scene(null);
  expect(watch.due(seen([]))).toEqual([]);
  current.follows = false;
  expect([...watch.due(seen([]))].sort()).toEqual(['gh-1', 'gh-2', 'gh-3']);
  const empty = watchReviews({ store: openMemoryStore(), pulls: null, calls: null, follows: () => false, counts: () => false });
  expect(empty.due(seen([]))).toEqual([]);
});

test('counts the open pulls of ours: those that were seen, and those that were opened since the list', () => {
  const { store, current, watch } = scene(sights('open', 'merged', 'closed'));
  expect(watch.ownPulls(seen([], NOW))).toBe(1);
  store.commit({ tasks: [{ next: inReview('gh-9', 9, { at: NOW - 1_000 }), expected: null }] });
  expect(watch.ownPulls(seen([], NOW))).toBe(2);
  const pull = { number: 10, url: 'u', state: 'merged' } as const;
  store.commit({ tasks: [{ next: inReview('gh-10', 10, { at: NOW, pull }), expected: null }] });
  expect(watch.ownPulls(seen([], NOW))).toBe(2);
  // What was opened long before a list and is not in it is not open.
  expect(watch.ownPulls(seen([], NOW + 3_600_000))).toBe(1);
  current.sights = sights('merged');
  expect(watch.ownPulls(seen([], NOW + 3_600_000))).toBe(0);
});
