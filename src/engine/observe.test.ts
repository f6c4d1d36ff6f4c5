import { expect, test } from 'vitest';
import { sampleRun, sampleTask } from '../../test/conformance/store-samples.ts';
import { openMemoryStore } from '../adapters/store/memory.ts';
import { unknown } from '../core/model/seen.ts';
import { type Around, assembleWorld, look, type Sight } from './observe.ts';
import type { Ports } from './ports/context.ts';

const NOT_LOOKED = unknown('not looked at', 0);
const SIGHT: Sight = {
  processes: new Map(),
  streams: new Map(),
  unread: new Map(),
  signs: new Map(),
  machine: NOT_LOOKED,
  board: NOT_LOOKED,
  logins: null,
};
const AROUND: Around = {
  watch: null,
  busy: new Set(),
  hearsPersons: false,
  draining: false,
  goneSince: new Map(),
  fresh: [],
  reviews: { sights: () => new Map(), ownPulls: () => 0, calls: () => new Map(), due: () => [] },
  claims: null,
  strays: { now: () => NOT_LOOKED },
  upkeep: { now: () => ({}) as ReturnType<Around['upkeep']['now']> },
};

// A daemon that dies between "the task has failed" and the comment: the next one must know of the task before GitHub has answered.
test('the task of a run that is not settled is in the world, also when it has ended', () => {
  const store = openMemoryStore();
  const task = sampleTask(5, 'failed');
  const run = sampleRun(5, task.id);
  const settled = sampleTask(6, 'failed');
  store.commit({ tasks: [task, settled].map((one) => ({ next: one, expected: null })), runs: [{ next: run, expected: null }] });
  const ports = { store, clock: { now: () => 0, startOfDay: () => 0 } } as unknown as Ports;
  const world = assembleWorld(ports, SIGHT, AROUND);
  expect(world.tasks.map((one) => one.id)).toEqual([task.id]);
  expect(world.runs.map((one) => one.id)).toEqual([run.id]);
});

test('a tick asks of ended tasks what the one before asked, so that the store has the answer', async () => {
  const memory = openMemoryStore();
  const asked = new Set<string>();
  let [now, changes] = [1_000 * 3_600_000, 0];
  const store = {
    ...memory,
    changes: () => (changes += 1),
    endedTasks: (filter: Parameters<typeof memory.endedTasks>[0]) => {
      asked.add(JSON.stringify(filter));
      return memory.endedTasks(filter);
    },
  };
  const ports = { store, clock: { now: () => now } } as unknown as Ports;
  const { board: _, logins: __, ...there } = SIGHT;
  for (let tick = 0; tick < 50; tick += 1) {
    await look(ports, { look: async () => there }, () => Promise.reject(new Error('no board')));
    now += 1_000;
  }
  expect(asked.size).toBe(1);
});
