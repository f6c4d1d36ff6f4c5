import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { whyNoBox } from '../../src/adapters/process/box/bwrap.ts';
import { DOZEN, SAMPLE, tryEscapes } from '../../src/escape/escapes.ts';
import { escaped, proveOnce, readProof } from '../../src/escape/proof.ts';

/** The whole: `npm run escapes`. */
test.skipIf(whyNoBox() !== null)('nothing gets out of the box that gets there without it', { timeout: 240_000 }, async () => {
  expect(SAMPLE.length).toBeGreaterThanOrEqual(60);
  const { out, idle, rare } = await tryEscapes(SAMPLE);
  expect(out).toEqual([]);
  expect(idle).toEqual([]);
  expect(rare.length).toBeLessThan(SAMPLE.length / 4);
});

test('what a start tries is of every kind', () => {
  expect(DOZEN.length).toBeGreaterThanOrEqual(12);
  expect(new Set(DOZEN.map(({ kind }) => kind))).toEqual(new Set(SAMPLE.map(({ kind }) => kind).filter((kind) => kind !== 'devices')));
});

test('they are tried once for each kernel, bubblewrap and tac8, and again until none gets out', async () => {
  const state = mkdtempSync(join(tmpdir(), 'tac8-proof-'));
  onTestFinished(() => rmSync(state, { recursive: true }));
  const well = { attempts: 15, out: [], idle: [], rare: [] };
  const badly = { ...well, out: ['files: write a new file'] };
  const tried: string[] = [];
  const prove = (version: string, outcome: typeof badly | typeof well, image: Parameters<typeof proveOnce>[2] = null) =>
    proveOnce(state, version, image, async () => {
      tried.push(version);
      return outcome;
    });
  const first = await prove('1', badly);
  expect(escaped(first?.outcome ?? well)).toBe('1 of 15 ways out of a worker’s sandbox lead out: files: write a new file');
  expect(readProof(state)).toBeNull();
  expect(await prove('1', well)).toMatchObject({ outcome: well, isLeaving: false });
  expect(await prove('1', well)).toBeNull();
  expect(await prove('2', well)).not.toBeNull();
  expect(await prove('2', well, { name: 'widgets:1', system: '/images/0123456789abcdef' })).not.toBeNull();
  expect(tried).toEqual(['1', '1', '2', '2']);
  expect(readProof(state)?.of).toMatch(/^kernel .*, tac8 2, image widgets:1 0123456789ab$/);
});
