import { expect, test } from 'vitest';
import { whyNoBox } from '../../src/adapters/process/box/bwrap.ts';
import { SAMPLE, tryEscapes } from './escapes.ts';

/** The whole: `npm run escapes`. */
test.skipIf(whyNoBox() !== null)('nothing gets out of the box that gets there without it', { timeout: 240_000 }, async () => {
  expect(SAMPLE.length).toBeGreaterThanOrEqual(60);
  const { out, idle, rare } = await tryEscapes(SAMPLE);
  expect(out).toEqual([]);
  expect(idle).toEqual([]);
  expect(rare.length).toBeLessThan(SAMPLE.length / 4);
});
