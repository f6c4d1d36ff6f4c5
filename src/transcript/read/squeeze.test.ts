import fc from 'fast-check';
import { expect, test } from 'vitest';
import { squeezer } from './squeeze.ts';

function squeeze(text: string, cuts: readonly number[], maxString: number): string {
  const bytes = Buffer.from(text);
  const machine = squeezer(maxString, 1e6);
  let from = 0;
  for (const cut of [...cuts].map((each) => each % (bytes.length + 1)).sort((a, b) => a - b)) {
    machine.feed(bytes.subarray(from, cut));
    from = cut;
  }
  machine.feed(bytes.subarray(from));
  return machine.end().bytes.toString('utf8');
}

/** Whether each string of the one is the other's, or a beginning of it with an ellipsis. */
function isCutOf(short: unknown, whole: unknown): boolean {
  if (typeof short === 'string' && typeof whole === 'string') {
    return short === whole || (short.endsWith('…') && whole.startsWith(short.slice(0, -1)));
  }
  if (Array.isArray(short) && Array.isArray(whole))
    return short.length === whole.length && short.every((each, i) => isCutOf(each, whole[i]));
  if (typeof short === 'object' && short !== null && typeof whole === 'object' && whole !== null) {
    const entries = Object.entries(whole);
    return Object.entries(short).every(([key, value], i) => entries[i]?.[0] === key && isCutOf(value, entries[i]?.[1]));
  }
  return Object.is(short, whole);
}

test('is the same JSON with shorter strings, wherever the chunks are cut', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', 'é', '\u{1f468}', '\u0000', '\n', '/', 'u'), maxLength: 60, size: 'max' });
  const tree = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, text, fc.integer(), fc.boolean(), fc.constant(null), tie('list'), tie('fields')),
    list: fc.array(tie('value'), { maxLength: 4 }),
    fields: fc.dictionary(fc.constantFrom('one', 'two', 'a "key"'), tie('value')),
  })).value;
  fc.assert(
    fc.property(tree, fc.array(fc.nat()), fc.integer({ min: 10, max: 40 }), (value, cuts, max) => {
      const whole: unknown = JSON.parse(JSON.stringify(value));
      const result: unknown = JSON.parse(squeeze(JSON.stringify(value), cuts, max));
      expect(isCutOf(result, whole)).toBe(true);
      if (typeof result === 'string') expect([...result].length).toBeLessThanOrEqual(max + 1);
    }),
    { numRuns: 1000 },
  );
});

test('what is not JSON is cut at the end', () => {
  const machine = squeezer(10, 100);
  machine.feed(Buffer.from('no json '.repeat(50)));
  expect(machine.end()).toMatchObject({ whole: false });
  expect(machine.end().bytes).toHaveLength(100);
});
