import { describe, expect, test } from 'vitest';
import { minuteOfDay, resetIn, saysLimit } from './reset.ts';

/** A Sunday. */
const NOW = Date.parse('2026-11-29T18:00:00Z');
const at = (text: string): number => Date.parse(text);

describe('when a limit ends, by the words for it', () => {
  test.each([
    ['You’ve hit your 5-hour limit · resets 11pm (UTC)', '2026-11-29T23:00:00Z'],
    ['You’ve hit your session limit · resets 3am (UTC)', '2026-11-30T03:00:00Z'],
    ['Weekly limit reached · resets Mon 9:30am (UTC)', '2026-11-30T09:30:00Z'],
    ['Weekly limit reached · resets Saturday at 14:00 (UTC)', '2026-12-05T14:00:00Z'],
    ['Usage limit reached. Resets Dec 3 at 8am (America/New_York)', '2026-12-03T13:00:00Z'],
    ['limit reached, resets 11pm (Asia/Kolkata)', '2026-11-30T17:30:00Z'],
    ['Claude AI usage limit reached|1795982400', '2026-11-29T20:00:00Z'],
    ['{"error":"limit","resets_at":1795982400}', '2026-11-29T20:00:00Z'],
    ['You can try again at 2026-11-29T19:15:00Z', '2026-11-29T19:15:00Z'],
    ['Resets on 2026-12-01 06:00:30+05:30, usage limit reached', '2026-12-01T00:30:30Z'],
    ['Rate limit reached. Please try again in 20s.', '2026-11-29T18:00:20Z'],
    ['too many requests; retry-after: 90 s', '2026-11-29T18:01:30Z'],
    ['usage limit reached, try again in 3 hours', '2026-11-29T21:00:00Z'],
    ['Rate limit reached. Please try again in 832ms.', '2026-11-29T18:00:00.832Z'],
    ['Rate limit reached. Please try again in 34.5s.', '2026-11-29T18:00:34.500Z'],
    ['Rate limit reached. Please try again in 1h30m.', '2026-11-29T19:30:00Z'],
    ['Your quota will reset after 13h2m5s.', '2026-11-30T07:02:05Z'],
    ['You’ve hit your usage limit. Try again in 3 days 4 hours 5 minutes.', '2026-12-02T22:05:00Z'],
    ['Suggested retry after 7200s.', '2026-11-29T20:00:00Z'],
    ['limit reached, available again at 11:30 PM UTC', '2026-11-29T23:30:00Z'],
    ['limit reached, try again at Dec 3rd, 2026 3:19 PM (UTC)', '2026-12-03T15:19:00Z'],
  ])('%s', (text, expected) => expect(resetIn(text, NOW)).toBe(at(expected)));

  test('a time without a zone is the machine’s', () => {
    const clock = new Date(NOW + 2 * 3_600_000);
    const says = (words: string): number | null =>
      resetIn(`You’ve hit your usage limit. Visit https://chatgpt.com or try again at ${words}.`, NOW);
    const [hour, minute] = [clock.getHours(), String(clock.getMinutes()).padStart(2, '0')];
    expect(says(`${hour % 12 || 12}:${minute} ${hour < 12 ? 'AM' : 'PM'}`)).toBe(clock.getTime());
    expect(says('Dec 3rd, 2026 3:19 PM')).toBe(new Date(2026, 11, 3, 15, 19).getTime());
  });

  test('the change of the clocks between counts', () => {
    const before = at('2026-10-24T12:00:00Z');
    expect(resetIn('limit reached, resets Sun 11am (Europe/Berlin)', before)).toBe(at('2026-10-25T10:00:00Z'));
  });

  test.each([
    'usage limit reached',
    'usage limit reached, resets 3',
    'usage limit reached, resets 11pm (Middle/Earth)',
    // In the past, and further off than any limit lasts: not believed.
    'usage limit reached|1790000000',
    'usage limit reached|1999999999',
    'try again in 900 hours',
    'try again in 20 sprints',
    'try again tomorrow',
  ])('%s: not said', (text) => expect(resetIn(text, NOW)).toBeNull());
});

test.each([
  ['You’ve hit your 5-hour limit · resets 11pm (UTC)', true],
  ['Claude AI usage limit reached|1795982400', true],
  ['Error: 429 too many requests', true],
  ['Weekly limit reached · resets Mon 9am', true],
  ['rate_limit_error', true],
  ['the tests of the rate limit are red', false],
  ['FAIL src/limit.test.ts: expected 3 to be 4', false],
  ['add a session limit to the login form', false],
])('%s: a limit %s', (text, expected) => expect(saysLimit(text)).toBe(expected));

test('the minute of the day is that of the machine’s clock', () => {
  const at = new Date(2026, 10, 30, 17, 42).getTime();
  expect([minuteOfDay(at), minuteOfDay(at + 59_000), minuteOfDay(0) >= 0]).toEqual([17 * 60 + 42, 17 * 60 + 42, true]);
});
