import { expect, test } from 'vitest';
import { active, alive, NOW, policy, running, seen, world } from '../../../test/support/world/world.ts';
import { EMPTY_STREAM, NO_SPEND, type StreamFacts } from '../model/run.ts';
import { reconcile } from '../reconcile.ts';
import type { World } from '../tick/world.ts';
import { TAKEN_IN_EVERY } from './spending.ts';

const before: StreamFacts = { ...EMPTY_STREAM, offset: 10, events: 1, firstEventAt: NOW - 500, lastEventAt: NOW - 500, session: 's' };
const more: StreamFacts = { ...before, offset: 20, events: 2, lastEventAt: NOW, activity: 'Bash: npm test', turns: 1 };
const run = running('w-000001', 'local-1', { startedAt: NOW - 10_000, stream: before });
const scene = (stream: StreamFacts, other: Partial<World> = {}, one = run): World =>
  world({
    tasks: [active('local-1', 'w-000001')],
    runs: [one],
    processes: new Map([['w-000001', seen(alive)]]),
    streams: new Map([['w-000001', stream]]),
    ...other,
  });
const written = (stream: StreamFacts, now = NOW, other: Partial<World> = {}, one = run) =>
  reconcile(scene(stream, other, one), policy({}), now).commit.runs?.[0]?.next.stream.offset;

test('that an agent goes on talking is written down now and then, and no later than promised', () => {
  const plan = reconcile(scene(more), policy({}), NOW);
  expect(plan.commit.runs).toEqual([]);
  expect(plan.wakeAt).toBe(NOW - 500 + TAKEN_IN_EVERY);
  expect(written(more, NOW - 500 + TAKEN_IN_EVERY - 1)).toBeUndefined();
  expect(written(more, NOW - 500 + TAKEN_IN_EVERY)).toBe(20);
});

test.each<[string, Partial<StreamFacts>]>([
  ['a conversation’s name', { session: 'another' }],
  ['a model', { model: 'm' }],
  ['what it cost', { spend: { ...NO_SPEND, usd: 0.1 } }],
  ['the beginning of a turn', { inTurn: true }],
  ['a limit', { limitedUntil: NOW + 1 }],
  ['an error of the provider', { providerError: { status: 500, refusal: null, cause: 'api', message: 'no' } }],
  [
    'a result',
    { result: { end: 'completed', isError: false, subtype: 'success', terminalReason: null, apiErrorStatus: null, text: '', at: NOW } },
  ],
  ['that it has a message', { heard: { u: null } }],
])('%s is written down at once', (_, news) => {
  expect(written({ ...more, ...news })).toBe(20);
});

test('an estimate that grows with every reply waits like any other word', () => {
  const guessed = { ...NO_SPEND, usd: 0.1, usdEstimated: 0.1 };
  expect(written({ ...more, spend: guessed })).toBeUndefined();
  expect(written({ ...more, spend: guessed }, NOW - 500 + TAKEN_IN_EVERY)).toBe(20);
});

test('its first word, and all it said before it is gone, are written down at once', () => {
  const silent = { ...run, stream: { ...EMPTY_STREAM, session: 's' } };
  expect(written(more, NOW, {}, silent)).toBe(20);
  const gone = new Map([['w-000001' as const, seen({ kind: 'gone', exit: { code: 0, at: NOW }, rebooted: false } as const)]]);
  expect(written(more, NOW, { processes: gone })).toBe(20);
  expect(written(more, NOW, { processes: new Map() })).toBe(20);
});

test('an agent that states a time of its own in the future puts nothing off', () => {
  const early = { ...run, stream: { ...before, lastEventAt: NOW + 3_600_000 } };
  expect(written({ ...more, lastEventAt: NOW + 3_600_000 }, NOW, {}, early)).toBe(20);
});
