import { describe, expect, test } from 'vitest';
import { inReview, issue, NOW, seen } from '../../../../test/support/world/world.ts';
import { openMemoryStore } from '../../../adapters/store/memory.ts';
import type { Issue } from '../../../core/model/forge.ts';
import type { Task } from '../../../core/model/task.ts';
import type { Call } from '../../../core/review/calls.ts';
import type { PullSight, PullSights } from '../../../core/review/pull-sights.ts';
import { type WithdrawWatchOptions, watchWithdrawals } from './withdraw-watch.ts';

const COMMIT = 'c'.repeat(40);
const ARMED: PullSight = {
  ...{ task: 'gh-7', number: 9, state: 'open', draft: false, commit: COMMIT, at: NOW, checks: null },
  ...{ advanced: { step: 'merge', commit: COMMIT }, asked: true },
};
const of = (sight: PullSight): PullSights => new Map([[sight.number, sight]]);

function scene(answer: () => boolean = () => true, task: Task = inReview('gh-7', 9)) {
  const store = openMemoryStore();
  store.commit({ tasks: [{ next: task, expected: null }] });
  const around = {
    now: NOW,
    issues: [issue(7)] as readonly Issue[],
    calls: [] as readonly Call[],
    whenGreen: 'merge',
    asked: 0,
    warned: [] as string[],
  };
  const watch = watchWithdrawals({
    ...{ store, clock: { now: () => around.now } },
    log: { info: () => undefined, warn: (words: string) => around.warned.push(words) },
    forge: {
      takeBack: async () => {
        around.asked += 1;
        return answer();
      },
    },
    rules: () => ({ follow: true, whenGreen: around.whenGreen, label: 'rpi-auto' }),
    issues: () => seen(around.issues),
    calls: () => new Map([['gh-7', around.calls]]),
  } as unknown as WithdrawWatchOptions);
  const look = async (sights: PullSights) => (await watch.withdraw(sights, new AbortController().signal)).get(9) ?? expect.unreachable();
  const events = () => store.history({ task: 'gh-7', limit: 10 }).map(({ event, detail }) => `${event} ${detail}`);
  return { around, watch, look, events };
}

test('as long as it is wanted nothing is asked; once it is not, it is taken back and said, once; and wanted again it may be asked for again', async () => {
  const { around, watch, look, events } = scene();
  expect([watch.isDue(of(ARMED)), await look(of(ARMED)), around.asked]).toEqual([false, ARMED, 0]);
  around.issues = [];
  expect(watch.isDue(of(ARMED))).toBe(true);
  const taken = await look(of(ARMED));
  expect(taken).toMatchObject({ asked: false, unmerged: { why: expect.stringContaining('its issue is closed'), takenBack: true } });
  expect(taken).not.toHaveProperty('advanced');
  expect([watch.isDue(of(taken)), await look(of(taken)), around.asked]).toEqual([false, taken, 1]);
  expect(events()).toEqual([expect.stringMatching(/^taken-back pull #9: GitHub does not merge it any more: its issue is closed/)]);
  around.issues = [issue(7)];
  expect(await look(of(taken))).not.toHaveProperty('unmerged');
});

describe('what ends the wish', () => {
  test.each([
    ['a call that no round was begun for', { calls: [{ key: 'k', alone: false, what: 'w', text: 't' }] }],
    ['another setting', { whenGreen: 'ready' }],
  ] as const)('%s', async (_, more) => {
    const { around, look } = scene();
    Object.assign(around, more);
    expect(await look(of(ARMED))).toMatchObject({ asked: false });
  });
  test('a pause', async () => {
    const { look } = scene(undefined, inReview('gh-7', 9, { pausedAt: NOW }));
    expect(await look(of(ARMED))).toMatchObject({ unmerged: { why: 'gh-7 is paused' } });
  });
  test.each([
    ['asked for and never answered', { advanced: undefined, asked: true }],
    ['of an earlier version', { asked: undefined }],
  ])('also where it was %s', async (_, more) => {
    const { around, watch } = scene();
    around.issues = [];
    expect(watch.isDue(of({ ...ARMED, ...more } as unknown as PullSight))).toBe(true);
  });
});

test('a person’s word on the merge stands: where nothing of ours was there, it is not asked for again at that commit', async () => {
  const { around, watch, look, events } = scene(() => false);
  around.issues = [];
  const none = await look(of(ARMED));
  expect(none).toEqual({ ...ARMED, asked: false });
  expect([watch.isDue(of(none)), events()]).toEqual([false, []]);
});

test('what cannot be taken back is said, tried again after a minute, and forgotten once it is taken back', async () => {
  let answer = (): boolean => {
    throw new Error('GitHub answered 502');
  };
  const { around, watch, look } = scene(() => answer());
  around.issues = [];
  const stuck = await look(of(ARMED));
  expect(stuck).toMatchObject({
    asked: true,
    unmerged: { takenBack: false, why: expect.stringContaining('GitHub may merge it still: GitHub answered 502') },
  });
  expect([watch.isDue(of(stuck)), around.warned.length]).toEqual([false, 1]);
  around.now += 61_000;
  expect(watch.isDue(of(stuck))).toBe(true);
  answer = () => false;
  const gone = await look(of(stuck));
  expect(gone).not.toHaveProperty('unmerged');
  expect(gone.asked).toBe(false);
});

test('a new head, whoever pushed it, is left to the rules of the branch', async () => {
  const { watch } = scene();
  expect(watch.isDue(of({ ...ARMED, commit: 'd'.repeat(40) }))).toBe(false);
});
