import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BODY_MAX, fitBody, fitTitle, TITLE_MAX } from './fit.ts';

it('leaves short texts as they are', () => {
  expect(fitBody('a\r\nb')).toBe('a\r\nb');
  expect(fitTitle('Fix 😀 "x"', 'f')).toBe('Fix 😀 "x"');
});

it('cuts the middle out of a long body and keeps both ends', () => {
  const cut = fitBody(`<!-- a -->${'😀'.repeat(BODY_MAX)}<!-- z -->`);
  expect(cut.length).toBeLessThanOrEqual(BODY_MAX);
  expect(cut).toMatch(/^<!-- a -->.*cut here.*<!-- z -->$/s);
});

it('makes a title of one line out of anything', () => {
  expect(fitTitle(' \n\t', 'auto/gh-1')).toBe('auto/gh-1');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 600 }), (text) => {
      const title = fitTitle(text, 'fallback');
      expect(title.length).toBeLessThanOrEqual(TITLE_MAX);
      expect(title).not.toMatch(/[\n\r]/);
      expect(title.isWellFormed()).toBe(true);
    }),
  );
});
