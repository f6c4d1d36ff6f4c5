/** Texts are compared a block at a time: the engine compares two slices faster than their characters are looked at. */
const BLOCK = 2048;

/** How many characters both begin with. */
export function commonStart(one: string, two: string): number {
  const room = Math.min(one.length, two.length);
  let at = 0;
  while (at + BLOCK <= room && one.slice(at, at + BLOCK) === two.slice(at, at + BLOCK)) at += BLOCK;
  while (at < room && one.charCodeAt(at) === two.charCodeAt(at)) at += 1;
  return at;
}

/** How many characters both end with, so many at most. */
export function commonEnd(one: string, two: string, most = Math.min(one.length, two.length)): number {
  const [oneEnd, twoEnd] = [one.length, two.length];
  let count = 0;
  while (count + BLOCK <= most && one.slice(oneEnd - count - BLOCK, oneEnd - count) === two.slice(twoEnd - count - BLOCK, twoEnd - count))
    count += BLOCK;
  while (count < most && one.charCodeAt(oneEnd - 1 - count) === two.charCodeAt(twoEnd - 1 - count)) count += 1;
  return count;
}
