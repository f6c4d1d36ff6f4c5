import type { Parser } from './parsers.ts';

/** Pieces and how often: the shape of a text that could make a parser slow. */
export interface Shape {
  readonly before: string;
  readonly unit: string;
  readonly after: string;
}

export const textOf = ({ before, unit, after }: Shape, size: number): string =>
  `${before}${unit.repeat(Math.max(1, Math.floor((size - before.length - after.length) / Math.max(1, unit.length))))}${after}`;

/** The same shapes for the same seed. */
export function shapesOf(pieces: readonly string[], seed: number): () => Shape {
  let state = (seed * 2654435761) | 1;
  const roll = (n: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
  const some = (most: number): string => Array.from({ length: roll(most + 1) }, () => pieces[roll(pieces.length)] ?? '').join('');
  return () => ({ before: some(3), unit: some(5) || (pieces[roll(pieces.length)] ?? 'a'), after: some(3) });
}

/** Processor time in ms; the least of several, as the machine has other work. */
export function costOf(parser: Parser, text: string, times = 3): number {
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < times; n++) {
    const from = process.cpuUsage();
    parser.read(text);
    const { user, system } = process.cpuUsage(from);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

export interface Slow {
  readonly parser: string;
  readonly shape: Shape;
  readonly why: string;
}

const SIZE = 64 * 1024;
/** What a tick may take besides, in ms: the median of a busy one. */
const TICK = 50;

/** The most that a text of that size may cost: twice what one of everyday costs, and a tick. */
export const boundOf = (parser: Parser, size: number): number =>
  2 * costOf(parser, textOf({ before: '', unit: parser.everyday, after: '' }, size), 5) + TICK;

/** Null: within the bound. A text that is slow when it is short is not tried longer. */
export function tryShape(parser: Parser, shape: Shape, bound: number): Slow | null {
  try {
    const most = parser.rarely?.size ?? SIZE;
    for (const size of [most / 16, most]) {
      const text = textOf(shape, size);
      let cost = costOf(parser, text, 1);
      if (cost > bound) cost = costOf(parser, text, 4);
      if (cost > bound)
        return { parser: parser.name, shape, why: `${size} characters take ${cost.toFixed(0)} ms, and may take ${bound.toFixed(0)}` };
    }
    return null;
  } catch (error) {
    return { parser: parser.name, shape, why: `it throws: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Tries shapes for so long; answers how many and which of them are slow. */
export function fuzz(
  parser: Parser,
  seed: number,
  ms: number,
): { readonly tried: number; readonly slow: readonly Slow[]; readonly bound: number } {
  const next = shapesOf(parser.pieces, seed);
  const bound = parser.rarely?.ms ?? boundOf(parser, SIZE);
  const slow: Slow[] = [];
  const end = performance.now() + ms;
  let tried = 0;
  for (; performance.now() < end && slow.length < 5; tried++) {
    const found = tryShape(parser, next(), bound);
    if (found !== null) slow.push(found);
  }
  return { tried, slow, bound };
}
