import { expect, test } from 'vitest';
import { nextHit } from './find.ts';

const at = (offset: number, part = 0) => ({ offset, part });
const hits = [at(10), at(20), at(20, 1), at(30)];

test('the next hit from a place on, down and up, and anew past the last one', () => {
  expect(nextHit(hits, null, 1)).toMatchObject({ nth: 1, isAround: false });
  expect(nextHit(hits, at(20), 1)).toMatchObject({ hit: at(20, 1), nth: 3 });
  expect(nextHit(hits, at(25), -1)).toMatchObject({ hit: at(20, 1), nth: 3, isAround: false });
  expect(nextHit(hits, at(30), 1)).toMatchObject({ nth: 1, isAround: true });
  expect(nextHit(hits, at(10), -1)).toMatchObject({ nth: 4, isAround: true });
  expect(nextHit([], at(10), 1)).toBeNull();
});
