import { expect, test } from 'vitest';
import { active, ended, failed, pending, running } from '../../test/support/world/world.ts';
import { openMemoryStore } from '../adapters/store/memory.ts';
import { state } from '../api/state.ts';
import type { Run } from '../core/model/run.ts';
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

test('each stands where a person looks for it: work that does not get through is theirs, an attempt that is over is its task’s', () => {
  const store = openMemoryStore();
  const settled = { ...ended('w-00000a', 'gh-1'), problem: { step: 'open-pull', message: '502', tries: 2, retryAt: 9 } } as Run;
  const race = { racers: ['gh-3.codex', 'gh-3.claude', 'gh-4.codex'] as const };
  const tasks: readonly Task[] = [
    active('gh-1', settled.id),
    active('gh-2', 'w-00000b'),
    { ...failed('gh-3'), race: { ...race, winner: 'gh-3.claude' } } as Task,
    failed('gh-3.codex'),
    failed('gh-3.claude'),
    { ...pending('gh-4'), race } as Task,
    failed('gh-4.codex'),
  ];
  store.commit({ tasks: tasks.map((next) => ({ next, expected: null })), runs: [{ next: settled, expected: null }] });
  const { tasks: told } = stateOf(readStatus(store, 1, { pid: 1, since: 1, host: 'here' }), '/here', '1.0.0');
  expect(Object.fromEntries(told.map(({ id, group }) => [id, group]))).toEqual({
    ...{ 'gh-1': 'needs_you', 'gh-2': 'running', 'gh-3': 'failed', 'gh-3.codex': null, 'gh-3.claude': null },
    // While none is chosen, one that failed is news.
    ...{ 'gh-4': 'waiting', 'gh-4.codex': 'failed' },
  });
});
