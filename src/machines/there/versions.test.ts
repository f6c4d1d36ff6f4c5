import { expect, test } from 'vitest';
import { notUnderstood } from './versions.ts';

test.each([
  [4, null],
  [5, null],
  [6, null],
  [7, 'this runner is the older one'],
  [3, 'the coordinator is the older one'],
])('a coordinator of protocol %i and a runner of 5', (protocol, said) => {
  const words = notUnderstood({ protocol, version: '9.9.9' }, '1.2.3', 5);
  if (said === null) expect(words).toBeNull();
  else expect(words).toContain(said);
});

test('before a coordinator was there nothing is refused', () => {
  expect(notUnderstood(null, '1.2.3')).toBeNull();
});
