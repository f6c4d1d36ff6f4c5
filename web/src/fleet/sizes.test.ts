import { expect, test, vi } from 'vitest';
import type { TaskRow } from '../link/contract.ts';

vi.mock('../link/fleet.ts', () => ({ fleet: { peek: () => null } }));
const { nextTask, stateOf } = await import('./sizes.ts');

const task = (id: string, turns: number | null): TaskRow =>
  ({ id, state: 'active', run: turns === null ? null : { id: `w-${id}`, state: 'running', turns } }) as TaskRow;
const size = (of: TaskRow, at: number) => ({ files: 1, added: 1, removed: 0, of: stateOf(of), at });

test('asked for is what nothing is known of, then what has changed for longest; never what never ran', () => {
  const [never, one, two] = [task('1', null), task('2', 1), task('3', 1)];
  expect(nextTask([never, one, two], new Map(), 100_000)).toBe(one);
  expect(nextTask([never, one, two], new Map([['2', size(one, 90_000)]]), 100_000)).toBe(two);
  const known = new Map([
    ['2', size(one, 60_000)],
    ['3', size(two, 50_000)],
  ]);
  expect(nextTask([never, one, two], known, 100_000)).toBeNull();
  const [later, last] = [task('2', 2), task('3', 2)];
  expect(nextTask([never, later, last], known, 100_000)).toBe(last);
  // Not again and again.
  expect(nextTask([never, later, last], known, 79_000)).toBeNull();
});
