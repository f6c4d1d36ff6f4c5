import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { boundOf, costOf, type Shape, shapesOf, textOf } from '../support/fuzz/fuzz.ts';
import { PARSERS, type Parser } from '../support/fuzz/parsers.ts';

/*
 * A short sample of `npm run fuzz`, the same each time, and what it has found. The bound here is one of order: this machine has other work.
 */

const found = JSON.parse(readFileSync(new URL('../fixtures/fuzz/found.json', import.meta.url), 'utf8')) as readonly (Shape & {
  readonly parser: string;
})[];
const SIZE = 64 * 1024;
const ORDER = 10;

const parserCalled = (name: string): Parser => {
  const parser = PARSERS.find((one) => one.name === name);
  if (parser === undefined) throw new Error(`no parser is called ${name}`);
  return parser;
};

test.each(found)('what was found: $parser, $unit', { timeout: 60_000 }, ({ parser: name, ...shape }) => {
  const parser = parserCalled(name);
  const size = parser.rarely?.size ?? SIZE;
  expect(costOf(parser, textOf(shape, size), 2)).toBeLessThan(ORDER * (parser.rarely?.ms ?? boundOf(parser, size)));
});

test.each(PARSERS)('$name reads 12 made-up texts in about the time of everyday ones', { timeout: 60_000 }, (parser) => {
  const size = (parser.rarely?.size ?? SIZE) / 2;
  const bound = ORDER * (parser.rarely?.ms ?? boundOf(parser, size));
  const next = shapesOf(parser.pieces, 42);
  for (let n = 0; n < 12; n++) {
    const shape = next();
    const cost = costOf(parser, textOf(shape, size), 1);
    expect({ shape, slow: cost > bound ? cost : null }).toEqual({ shape, slow: null });
  }
});

test('twin: a parser that looks back at each step is found', { timeout: 60_000 }, () => {
  const slow: Parser = { name: 'slow', pieces: ['a'], everyday: 'b', read: (text) => void /a+$/.exec(`${text}b`) };
  expect(costOf(slow, 'a'.repeat(SIZE / 2), 1)).toBeGreaterThan(boundOf(slow, SIZE / 2));
});
