import { expect, test } from 'vitest';
import type { Log } from './ports/records/log.ts';
import { watchStanding } from './standing.ts';

const thatIs = (why: string | null, mayComeBack = true) => (why === null ? null : { why, mayComeBack });
const GONE = '.tac8/lock.db is gone: a second daemon could start here';

/** From which second on what is wrong, and what is answered in each second. */
test.each([
  ['nothing is wrong', () => null, ['good'], []],
  [
    'it comes back within a minute',
    (at: number) => (at >= 5 && at < 60 ? GONE : null),
    ['good', 'waits', 'good'],
    [/does nothing for up to 60 s/, /is back/],
  ],
  [
    'twice',
    (at: number) => (at % 50 > 10 ? GONE : null),
    ['good', 'waits', 'good', 'waits', 'good', 'waits', 'good', 'waits'],
    Array(7).fill(/does nothing|is back/),
  ],
  [
    'it comes back too late',
    (at: number) => (at >= 5 && at < 70 ? GONE : null),
    ['good', 'waits', 'lost'],
    [/does nothing/, /nothing new is started/],
  ],
  ['from the start', () => GONE, ['waits', 'lost'], [/does nothing/, /nothing new is started/]],
] as const)('%s', (_, wrong, answers, said) => {
  let now = 0;
  const heard: string[] = [];
  const note = (text: string): number => heard.push(text);
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const standing = watchStanding(
    () => thatIs(wrong(now / 1_000)),
    () => false,
    { now: () => now },
    log,
  );
  const seen: string[] = [];
  for (; now < 200_000; now += 1_000) {
    const answer = standing();
    if (answer !== seen.at(-1)) seen.push(answer);
  }
  expect(seen).toEqual(answers);
  expect(heard).toHaveLength(said.length);
  for (const [n, words] of said.entries()) expect(heard[n]).toMatch(words);
});

test.each([
  ['it was deleted', false, false],
  ['a person wants something meanwhile', true, true],
])('%s: nobody waits', (_, mayComeBack, isAsked) => {
  const heard: string[] = [];
  const note = (text: string): number => heard.push(text);
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const standing = watchStanding(
    () => thatIs(GONE, mayComeBack),
    () => isAsked,
    { now: () => 0 },
    log,
  );
  expect([standing(), standing(), heard.length]).toEqual(['lost', 'lost', 1]);
  expect(heard[0]).toContain('nothing new is started');
});
