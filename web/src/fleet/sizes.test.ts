import { afterEach, expect, test, vi } from 'vitest';
import type { TaskRow } from '../link/contract.ts';

const link = vi.hoisted(() => ({ tasks: [] as unknown[], lost: null as object | null }));
vi.mock('../link/fleet.ts', () => ({ fleet: { peek: () => ({ tasks: link.tasks }) }, lost: { peek: () => link.lost } }));
const { nextTask, sizes, stateOf, watchSizes } = await import('./sizes.ts');

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

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

test('a daemon that does not answer, or has too much to do, has said nothing of a size: it is asked again', async () => {
  vi.useFakeTimers();
  vi.stubGlobal('document', { visibilityState: 'visible' });
  const answers: (Response | null)[] = [null, new Response('{}', { status: 503 }), Response.json({ files: [{ added: 3, removed: 1 }] })];
  let asked = 0;
  vi.stubGlobal('fetch', async () => {
    asked += 1;
    const next = answers.shift() ?? null;
    if (next === null) throw new TypeError('refused');
    return next;
  });
  link.tasks = [task('1', 1)];
  const end = watchSizes();
  await vi.advanceTimersByTimeAsync(100);
  expect([asked, sizes.value.size]).toEqual([1, 0]);
  // Once it is known to be away it is left alone.
  link.lost = {};
  await vi.advanceTimersByTimeAsync(5_000);
  expect(asked).toBe(1);
  link.lost = null;
  await vi.advanceTimersByTimeAsync(1_100);
  end();
  expect([asked, sizes.value.get('1')]).toEqual([3, expect.objectContaining({ files: 1, added: 3, removed: 1 })]);
});
