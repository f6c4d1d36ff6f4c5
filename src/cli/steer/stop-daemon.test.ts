import { expect, test } from 'vitest';
import { isItsDrain } from './stop-daemon.ts';

test.each([
  ['its own word, though the clock was set back since it began', { draining: true, at: 50, pid: 7 }, true],
  ['the word of the daemon before, though the clock was set back since', { draining: true, at: 150, pid: 6 }, false],
  ['an earlier version’s, since it began', { draining: true, at: 150 }, true],
  ['an earlier version’s, from before', { draining: true, at: 50 }, false],
  ['it does not drain', { draining: false, at: 150, pid: 7 }, false],
  ['nothing is said', null, false],
])('a daemon that is told to leave, %s', (_what, fact, is) => {
  expect(isItsDrain(fact, { pid: 7, since: 100 })).toBe(is);
});
