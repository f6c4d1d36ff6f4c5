import { expect, test } from 'vitest';
import { onScreen } from './on-screen.ts';

const text = (count: number): string => Array.from({ length: count }, (_, n) => `line ${n + 1}\n`).join('');

test('what fits is shown as it is, and in a pipe all of it', () => {
  expect(onScreen(text(9), { rows: 10, columns: 80 })).toBe(text(9));
  expect(onScreen(text(500), {})).toBe(text(500));
});

test('what does not fit is cut at the end, with a word on it, and never scrolls', () => {
  const shown = onScreen(text(30), { rows: 10, columns: 80 }).split('\n');
  expect([shown.length, shown[0], shown[7], shown[8]]).toEqual([9, 'line 1', 'line 8', '… 22 more lines: `tac8 status`']);
});

test('a line that wraps takes as many rows as it fills; colours take none', () => {
  const wide = `${'x'.repeat(161)}\n\u001b[31mred\u001b[39m\n${text(10)}`;
  const shown = onScreen(wide, { rows: 8, columns: 80 }).split('\n');
  expect(shown).toHaveLength(5);
  expect(shown.at(-1)).toBe('… 8 more lines: `tac8 status`');
});
