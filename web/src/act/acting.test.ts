import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { outcomes, send } from './acting.ts';

/* What is shown of an order: what the daemon said of it, then or later; nothing that was only hoped. */

interface Said {
  readonly status: number;
  readonly body: unknown;
}

let answers: (Said | 'nobody')[];
let asked: string[];
const noted: Said = { status: 202, body: { ok: false, message: 'stop is noted; it has not happened yet', request: 7 } };
const refusedLater: Said = { status: 409, body: { error: { message: 'gh-1 is not running' } } };
const happened: Said = { status: 200, body: { ok: true, message: 'gh-1 stopped', request: 7 } };

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  outcomes.value = [];
  vi.stubGlobal('localStorage', { getItem: () => 'key' });
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path);
    const next = answers.shift() ?? 'nobody';
    if (next === 'nobody') throw new TypeError('refused');
    return Response.json(next.body, { status: next.status });
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const shown = () => outcomes.value.map(({ tone, text }) => [tone, text]);

test.each([
  ['it happens later', [noted, noted, happened], ['good', 'gh-1 stopped']],
  ['it is refused later', [noted, refusedLater], ['bad', 'gh-1 is not running']],
  ['nobody answers for a while', [noted, 'nobody', 'nobody', happened], ['good', 'gh-1 stopped']],
  ['it is refused', [refusedLater], ['bad', 'gh-1 is not running']],
  ['nobody answers', ['nobody'], ['bad', 'the daemon does not answer: whether it heard of this shows once it is back']],
] as const)('%s, and that is what is said', async (_, told, last) => {
  answers = [...told];
  const sent = send('tasks/gh-1/stop', {}, 'Stop gh-1');
  await vi.advanceTimersByTimeAsync(1_000);
  if (told.length > 1) expect(shown()).toEqual([['waits', 'stop is noted; it has not happened yet']]);
  await vi.advanceTimersByTimeAsync(2_000 * told.length);
  await sent;
  expect(shown()).toEqual([last]);
  expect(asked).toEqual(['/api/v1/tasks/gh-1/stop', ...told.slice(1).map(() => '/api/v1/requests/7')]);
});

test('what is closed is not asked about any more', async () => {
  answers = [noted, noted, noted, noted];
  const sent = send('tasks/gh-1/stop', {}, 'Stop gh-1');
  await vi.advanceTimersByTimeAsync(1_000);
  outcomes.value = [];
  await vi.advanceTimersByTimeAsync(10_000);
  await sent;
  expect([shown(), asked.length]).toEqual([[], 2]);
});
