import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deltaOf, patched } from './delta.ts';

const LINES = Array.from({ length: 400 }, (_, n) => `[] local-${n}: Something to do, number ${n}\n`);
const textOf = (lines: readonly string[], version = '2026-11-22 14:03:11'): string =>
  `# Work Queue\n**Last updated:** ${version}\n\n## Pending\n${lines.join('')}`;
const step = fc.record({
  kind: fc.constantFrom('change', 'delete', 'insert', 'move'),
  at: fc.nat(1000),
  to: fc.nat(1000),
  words: fc.constantFrom('\n', 'x\n', '[] local-7: Something to do, number 7\n', '🟡\ud83d\n', 'no end', ''),
});

function edited(lines: readonly string[], steps: readonly { kind: string; at: number; to: number; words: string }[]): readonly string[] {
  const next = [...lines];
  for (const { kind, at, to, words } of steps) {
    const [from, place] = [at % next.length, to % next.length];
    if (kind === 'change') next[from] = words;
    else if (kind === 'delete') next.splice(from, 1);
    else if (kind === 'insert') next.splice(from, 0, words);
    else next.splice(place, 0, ...next.splice(from, 1));
  }
  return next;
}

test('a difference to a text gives the text back, however many places differ', () => {
  const lines = fc.constantFrom(LINES, LINES.slice(0, 3), LINES.slice(0, 40), [...LINES.slice(0, 90), ...LINES.slice(0, 90)]);
  fc.assert(
    fc.property(lines, fc.array(step, { maxLength: 12 }), fc.array(step, { maxLength: 12 }), (of, one, two) => {
      const [from, to] = [textOf(edited(of, one)), textOf(edited(of, two), '2026-11-22 14:03:12 <!-- 2 -->')];
      const delta = deltaOf(from, to);
      if (delta !== null) expect(patched(from, JSON.parse(JSON.stringify(delta)))).toBe(to);
    }),
    { numRuns: 2000 },
  );
});

test('lines that moved far are told in a few words', () => {
  const moved = [...LINES];
  for (const n of [200, 201, 300]) moved.splice(n % 7, 0, ...moved.splice(n, 1));
  const delta = deltaOf(textOf(LINES), textOf(moved));
  expect(JSON.stringify(delta).length).toBeLessThan(800);
});

test('what was written with one piece alone is read', () => {
  const from = textOf(['a\n', 'b\n', 'c\n']);
  const head = from.slice(0, from.indexOf('14:03:11') + 8).replace('03:11', '03:12');
  const rest = from.slice(head.length);
  expect(patched(from, { head, before: rest.indexOf('b'), piece: 'B', after: 3 })).toBe(
    textOf(['a\n', 'B\n', 'c\n'], '2026-11-22 14:03:12'),
  );
});

test('texts that have little in common, and a difference to another text, are null', () => {
  expect(deltaOf(textOf(LINES), textOf(LINES.map((line) => line.toUpperCase())))).toBeNull();
  expect(patched('short', { head: '', before: 3, piece: '', more: [{ skip: 1, keep: 4, piece: '' }], after: 0 })).toBeNull();
  expect(patched('short', { head: '', before: 0, piece: '', after: 9 })).toBeNull();
});
