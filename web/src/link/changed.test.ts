import { expect, test } from 'vitest';
import { changed } from './changed.ts';
import type { State } from './contract.ts';

const task = (id: string, state = 'active') => ({ id, state }) as State['tasks'][number];
const state = { at: 'then', health: 'ok', tasks: [task('gh-1'), task('gh-2')] } as unknown as State;

test('what a change leaves out is as it was, to the same object', () => {
  const next = changed(state, { head: { at: 'now' }, rows: [task('gh-2', 'failed')] });
  expect(next).toMatchObject({ at: 'now', health: 'ok' });
  expect(next.tasks[0]).toBe(state.tasks[0]);
  expect(next.tasks[1]).toMatchObject({ id: 'gh-2', state: 'failed' });
});

test('an order puts new ones in their place, and what is not in it is gone', () => {
  const next = changed(state, { head: {}, rows: [task('gh-3')], order: ['gh-3', 'gh-2'] });
  expect(next.tasks.map(({ id }) => id)).toEqual(['gh-3', 'gh-2']);
});
