import { expect, test } from 'vitest';
import { EVENT_WIDTH, eventWords } from './event-words.ts';

test.each([
  ['inspection mended', 'looked at'],
  ['mended', 'git set right'],
  ['wip', 'committed'],
  ['step', 'judged'],
  ['main-changed', 'main changed'],
  ['constructor', 'constructor'],
])('%s is read as %s', (event, words) => {
  expect(eventWords(event)).toBe(words);
  expect(words.length).toBeLessThanOrEqual(EVENT_WIDTH);
});
