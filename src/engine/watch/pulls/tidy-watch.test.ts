import { expect, test } from 'vitest';
import { inReview, NOW } from '../../../../test/support/world/world.ts';
import { openMemoryStore } from '../../../adapters/store/memory.ts';
import type { Task } from '../../../core/model/task.ts';
import type { PullSight } from '../../../core/review/pull-sights.ts';
import { PortError } from '../../ports/error.ts';
import { type TidyWatchOptions, watchBranches } from './tidy-watch.ts';

const MERGED: PullSight = { task: 'gh-7', number: 9, state: 'merged', draft: false, commit: 'c'.repeat(40), at: NOW, checks: null };
const DONE = { ...inReview('gh-7', 9), state: 'completed', over: { at: NOW, how: 'merged' } } as Task;

function scene(answer: () => string | null = () => null, task: Task = DONE, wants = true) {
  const store = openMemoryStore();
  store.commit({ tasks: [{ next: task, expected: null }] });
  const around = { now: NOW, asked: 0 };
  const forge = {
    dropBranch: async () => {
      around.asked += 1;
      return answer();
    },
  };
  const log = { info: () => undefined, warn: () => undefined };
  const { tidy } = watchBranches({
    forge,
    store,
    log,
    clock: { now: () => around.now },
    wants: () => wants,
  } as unknown as TidyWatchOptions);
  const look = async (sight: PullSight) => (await tidy(new Map([[9, sight]]), new AbortController().signal)).get(9) ?? expect.unreachable();
  const events = () => store.history({ task: 'gh-7', limit: 10 }).map(({ detail }) => detail);
  return { around, look, events };
}

test.each([
  ['gone', null, 'pull #9: its branch is deleted at GitHub'],
  ['kept', 'something was pushed to it after the merge', 'pull #9: its branch stays at GitHub: something was pushed to it after the merge'],
] as const)('once it is %s, that is said, and nothing is asked any more', async (_, answer, words) => {
  const { around, look, events } = scene(() => answer);
  const tidied = await look(MERGED);
  expect(tidied.tidied).toBe(true);
  expect([await look(tidied), around.asked, events()]).toEqual([tidied, 1, [words]]);
});

test.each([
  ['nobody wants it', MERGED, DONE, false],
  ['it was closed without a merge', { ...MERGED, state: 'closed' }, DONE, true],
  ['its task goes on', MERGED, inReview('gh-7', 9), true],
  ['it was merged days ago', { ...MERGED, at: NOW - 48 * 60 * 60_000 }, DONE, true],
] as const)('it stays where %s', async (_, sight, task, wants) => {
  const { around, look } = scene(undefined, task, wants);
  expect([await look(sight), around.asked]).toEqual([sight, 0]);
});

test.each([
  ['what GitHub refuses for good is not asked for again', 'terminal', 1],
  ['what did not work is tried again after a while', 'retryable', 2],
] as const)('%s', async (_, sort, asked) => {
  const { around, look } = scene(() => {
    throw new PortError(sort, 'no');
  });
  const after = await look(await look(MERGED));
  around.now += 11 * 60_000;
  await look(after);
  expect(around.asked).toBe(asked);
});
