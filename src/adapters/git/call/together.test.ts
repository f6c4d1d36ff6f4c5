import { expect, test } from 'vitest';
import { together } from './together.ts';

test('what the parts answer, in their order', async () => {
  const [number, text] = await together([Promise.resolve(1), 'two']);
  expect([number + 1, text]).toEqual([2, 'two']);
});

test('where one part fails, the others have ended before the error comes', async () => {
  const slow = Promise.withResolvers<void>();
  let ended = false;
  const both = together([Promise.reject(new Error('no')), slow.promise.then(() => (ended = true))]).catch((error: Error) => [
    error.message,
    ended,
  ]);
  slow.resolve();
  expect(await both).toEqual(['no', true]);
});
