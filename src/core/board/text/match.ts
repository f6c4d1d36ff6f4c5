/*
 * Which items of two rows are the same ones, in order. Anchors are keys that stand once in both rows (task ids, most lines of prose);
 * between anchors a plain longest common subsequence, so that blank lines find their partners too.
 */

/** Indexes of a longest strictly rising subsequence. */
export function longestRising(values: readonly number[]): number[] {
  const tails: number[] = [];
  const before: number[] = new Array(values.length).fill(-1);
  values.forEach((value, at) => {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((values[tails[middle] ?? 0] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    before[at] = low === 0 ? -1 : (tails[low - 1] ?? -1);
    tails[low] = at;
  });
  const result: number[] = [];
  for (let at = tails.at(-1) ?? -1; at !== -1; at = before[at] ?? -1) result.push(at);
  return result.reverse();
}

/** For each item of `a` the index of its partner in `b`, or -1; partners rise. */
export function matchRows(a: readonly string[], b: readonly string[]): Int32Array {
  const pairs = new Int32Array(a.length).fill(-1);
  matchRange(a, b, { a0: 0, a1: a.length, b0: 0, b1: b.length }, pairs);
  return pairs;
}

interface Range {
  readonly a0: number;
  readonly a1: number;
  readonly b0: number;
  readonly b1: number;
}

function matchRange(a: readonly string[], b: readonly string[], range: Range, pairs: Int32Array): void {
  let { a0, a1, b0, b1 } = range;
  while (a0 < a1 && b0 < b1 && a[a0] === b[b0]) pairs[a0++] = b0++;
  while (a0 < a1 && b0 < b1 && a[a1 - 1] === b[b1 - 1]) pairs[--a1] = --b1;
  if (a0 === a1 || b0 === b1) return;
  const anchors = anchorsOf(a, b, { a0, a1, b0, b1 });
  if (anchors.length === 0) {
    matchSmall(a, b, { a0, a1, b0, b1 }, pairs);
    return;
  }
  let fromA = a0;
  let fromB = b0;
  for (const [atA, atB] of [...anchors, [a1, b1] as const]) {
    matchRange(a, b, { a0: fromA, a1: atA, b0: fromB, b1: atB }, pairs);
    if (atA < a1) pairs[atA] = atB;
    fromA = atA + 1;
    fromB = atB + 1;
  }
}

function anchorsOf(a: readonly string[], b: readonly string[], { a0, a1, b0, b1 }: Range): (readonly [number, number])[] {
  const once = (row: readonly string[], from: number, to: number): Map<string, number> => {
    const places = new Map<string, number>();
    for (let at = from; at < to; at += 1) {
      const key = row[at] ?? '';
      places.set(key, places.has(key) ? -1 : at);
    }
    return places;
  };
  const inB = once(b, b0, b1);
  const common: [number, number][] = [];
  for (const [key, at] of once(a, a0, a1)) {
    const other = inB.get(key);
    if (at !== -1 && other !== undefined && other !== -1) common.push([at, other]);
  }
  common.sort((one, two) => one[0] - two[0]);
  return longestRising(common.map(([, other]) => other)).flatMap((at) => {
    const pair = common[at];
    return pair === undefined ? [] : [pair];
  });
}

/** Beyond this many cells a table is not worth it: such a stretch counts as replaced as a whole. */
const MOST_CELLS = 1_000_000;

function matchSmall(a: readonly string[], b: readonly string[], { a0, a1, b0, b1 }: Range, pairs: Int32Array): void {
  const width = b1 - b0 + 1;
  const height = a1 - a0 + 1;
  if (width * height > MOST_CELLS) return;
  const best = new Uint32Array(width * height);
  const at = (i: number, j: number): number => best[i * width + j] ?? 0;
  for (let i = height - 2; i >= 0; i -= 1)
    for (let j = width - 2; j >= 0; j -= 1)
      best[i * width + j] = a[a0 + i] === b[b0 + j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  for (let i = 0, j = 0; i < height - 1 && j < width - 1; ) {
    if (a[a0 + i] === b[b0 + j]) {
      pairs[a0 + i] = b0 + j;
      i += 1;
      j += 1;
    } else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
}
