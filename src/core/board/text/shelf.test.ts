import { expect, test } from 'vitest';
import { type KeptText, keptText, openShelf } from './shelf.ts';

const board = (changed: number): string =>
  `# Work Queue\n**Last updated:** 2026-11-30 10:00:${String(changed % 60).padStart(2, '0')}\n\n## Pending\n${Array.from({ length: 500 }, (_, n) => `- [ ] local-${n}: 🟡 ${n === changed ? 'Other words' : 'Something to do'}\n`).join('')}`;

const sizeOf = (kept: KeptText): number => ('whole' in kept ? kept.whole.length : JSON.stringify(kept.delta).length);

test('of many versions of a long text few are kept whole, and each is told as it was', () => {
  const shelf = openShelf();
  const texts = Array.from({ length: 40 }, (_, n) => board(n));
  const kept = texts.map((text, n) => shelf.keep(text, n));
  expect(kept.map(keptText)).toEqual(texts);
  expect(kept.filter((one) => 'whole' in one)).toHaveLength(3);
  expect(kept.slice(3).reduce((sum, one) => sum + sizeOf(one), 0)).toBeLessThan(board(0).length / 2);
});

test('one that has little in common with the others is kept whole, and the next are told by it', () => {
  const shelf = openShelf();
  const [first, other] = [board(1), board(2).toUpperCase()];
  const kept = [first, other, other.replace('OTHER', 'NEW')].map((text) => shelf.keep(text, 9));
  expect(kept.map((one) => 'whole' in one)).toEqual([true, true, false]);
  expect(kept.map(keptText)).toEqual([first, other, other.replace('OTHER', 'NEW')]);
});

test('short texts are kept whole', () => {
  const shelf = openShelf();
  expect(['a\n', 'a\nb\n'].map((text) => shelf.keep(text, 9))).toEqual([{ whole: 'a\n' }, { whole: 'a\nb\n' }]);
});
