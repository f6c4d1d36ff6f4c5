import { expect, test } from 'vitest';
import { inReview, issue, NOW, seen } from '../../../../test/support/world/world.ts';
import { openMemoryStore } from '../../../adapters/store/memory.ts';
import type { Issue } from '../../../core/model/forge.ts';
import { type Seen, unknown } from '../../../core/model/seen.ts';
import type { Merge } from '../../../core/review/merging.ts';
import { PULLS_FACT, type PullSight } from '../../../core/review/pull-sights.ts';
import { type GreenWatchOptions, watchGreen } from './green-watch.ts';

const COMMIT = 'c'.repeat(40);
const summary = { passed: 1, failing: 0, running: 0, other: 0, failingNames: [], withheld: [] };
const GREEN: PullSight = {
  ...{ task: 'gh-7', number: 9, state: 'open', draft: false, commit: COMMIT, at: NOW },
  checks: { summary, at: NOW, since: NOW, askedAt: NOW, unknown: null },
};

function scene(issues: Seen<readonly Issue[]>, merge: () => Promise<Merge> = async () => ({ kind: 'armed' })) {
  const store = openMemoryStore();
  store.commit({ tasks: [{ next: inReview('gh-7', 9), expected: null }] });
  const asked: string[] = [];
  const { advance } = watchGreen({
    ...{ store, clock: { now: () => NOW }, log: { info: () => undefined, warn: () => undefined }, issues: () => issues },
    forge: {
      markReady: async () => void asked.push('ready'),
      mergeGreen: async () => {
        asked.push(`merge, ${store.fact(PULLS_FACT)?.[0]?.asked === true ? 'which is on record' : 'of which nobody knows'}`);
        return merge();
      },
    },
    rules: () => ({ follow: true, whenGreen: 'merge', label: 'rpi-auto' }),
    calls: () => new Map(),
  } as unknown as GreenWatchOptions);
  const look = async (sight: PullSight) => (await advance(new Map([[9, sight]]), new AbortController().signal)).get(9);
  return { asked, look };
}

test.each([
  ['bears the label', seen([issue(7)]), GREEN, ['merge, which is on record']],
  ['bears the label', seen([issue(7)]), { ...GREEN, draft: true }, ['ready']],
  ['does not bear the label', seen([issue(8)]), GREEN, []],
  ['does not bear the label', seen([issue(8)]), { ...GREEN, draft: true }, []],
  ['is not known to bear the label', unknown('502', NOW), GREEN, []],
])('a green pull whose issue %s', async (_, issues, sight, wanted) => {
  const { asked, look } = scene(issues);
  await look(sight);
  expect(asked).toEqual(wanted);
});

test.each([
  ['is known though the answer is lost', () => Promise.reject(new Error('502')), {}, true],
  ['is known once GitHub has said yes', async () => ({ kind: 'armed' }) as const, {}, true],
  ['is over where GitHub has refused it', async () => ({ kind: 'waits', why: 'nobody has approved it' }) as const, {}, undefined],
  [
    'is over where it is asked again soon',
    async () => ({ kind: 'waits', why: 'GitHub works it out', isSoon: true }) as const,
    {},
    undefined,
  ],
  ['by an answer that was lost before stays known', async () => ({ kind: 'waits', why: 'x' }) as const, { asked: true }, true],
] as const)('that it was asked for %s', async (_, merge, more, known) => {
  const { asked, look } = scene(seen([issue(7)]), merge);
  const after = await look({ ...GREEN, ...more });
  expect(asked).toHaveLength(1);
  expect(after?.asked).toBe(known);
});

test('what was taken back and is wanted again is asked for at once; what GitHub refused is not', async () => {
  const armed = scene(seen([issue(7)]));
  await armed.look(GREEN);
  await armed.look({ ...GREEN, asked: false });
  expect(armed.asked).toHaveLength(2);
  const refused = scene(seen([issue(7)]), async () => ({ kind: 'waits', why: 'nobody has approved it' }));
  await refused.look(GREEN);
  await refused.look(GREEN);
  expect(refused.asked).toHaveLength(1);
});
