import { expect, test } from 'vitest';
import { active, failed, pending, running } from '../../test/support/world/world.ts';
import { openMemoryStore } from '../adapters/store/memory.ts';
import { state } from '../api/state.ts';
import type { Task } from '../core/model/task.ts';
import { stateOf } from './state.ts';
import { readStatus } from './status.ts';

test('of very many that wait the first are told, and how many are left out; nobody else is', () => {
  const store = openMemoryStore();
  const waiting: readonly Task[] = Array.from({ length: 1_000 }, (_, n) => pending(`gh-${n + 10}`));
  const run = running('w-00000a', 'gh-1');
  store.commit({
    tasks: [failed('gh-2'), active('gh-1', run.id), ...waiting].map((next) => ({ next, expected: null })),
    runs: [{ next: run, expected: null }],
  });
  const told = stateOf(readStatus(store, 1, { pid: 1, since: 1, host: 'here' }), '/here', '1.0.0');
  expect(state.parse(told)).toEqual(told);
  expect([told.tasks.length, told.tasks_left_out, told.counts.pending]).toEqual([302, 700, 1_000]);
  expect(told.tasks.slice(0, 3).map(({ id }) => id)).toEqual(['gh-2', 'gh-1', 'gh-10']);
});
