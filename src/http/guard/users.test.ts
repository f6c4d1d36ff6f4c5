import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { AUTH, apiWorld } from '../../../test/support/world/api-world.ts';
import { createPersons } from './users.ts';

const CHANGE = { method: 'POST', headers: { ...AUTH, 'content-type': 'application/json' }, body: '{}' };

test('a worker may ask, and change nothing, and takes no change away from persons', async () => {
  const { ask, store } = await apiWorld({ workerOf: async () => 'process 7 belongs to the worker w-1 of gh-1' });
  for (let n = 0; n < 70; n += 1) {
    const refused = await ask('/api/v1/tasks/gh-3/cancel', CHANGE);
    expect(refused.status).toBe(403);
    expect(refused.body).toContain('only a person may ask for this: process 7 belongs to the worker w-1 of gh-1');
  }
  expect(store.answer(1)).toBeNull();
  expect((await ask('/api/v1/state')).status).toBe(200);
});

test('it is asked once for each connection of a person, and each time of a worker', async () => {
  const [person, worker] = [{}, {}] as [Socket, Socket];
  const asked: Socket[] = [];
  const may = createPersons(
    async (socket) => {
      asked.push(socket);
      return socket === worker ? 'a worker' : null;
    },
    () => asked.length < 3,
  );
  for (const socket of [person, worker, person, worker]) await may(socket);
  expect(asked).toEqual([person, worker, worker]);
  expect(await may(worker)).toBe('too many');
  expect(await may(person)).toBe('yes');
});
