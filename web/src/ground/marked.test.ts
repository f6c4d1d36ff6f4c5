import { expect, test } from 'vitest';
import { pieces } from './marked.tsx';

test('every second piece is a match, and all of them are the text', () => {
  expect(pieces('A needle, a NEEDLE', 'needle')).toEqual(['A ', 'needle', ', a ', 'NEEDLE', '']);
  expect(pieces('nothing', 'needle')).toEqual(['nothing']);
  expect(pieces('İİ needle', 'needle')).toEqual(['İİ needle']);
  const long = 'ab'.repeat(5_000);
  expect(pieces(long, 'a').join('')).toBe(long);
});
