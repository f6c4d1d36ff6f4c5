import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openVersions } from './versions.ts';

const DAY = 86_400_000;
let dir: string;
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'tac8-versions-')), 'versions');
});
afterEach(() => rmSync(join(dir, '..'), { recursive: true, force: true }));

const version = (n: number): string => `2026-11-22 14:03:${String(n).padStart(2, '0')}`;
const textOf = (n: number, lines: readonly string[]): string => `# Work Queue\n**Last updated:** ${version(n)}\n\n${lines.join('\n')}`;
const files = (): string[] => readdirSync(dir);
const LONG = Array.from({ length: 1000 }, (_, n) => `[] local-${n}: Something to do`);

test('an edit of a line of a long board is a small file, and comes back whole', () => {
  const versions = openVersions(dir, DAY);
  const texts = Array.from({ length: 20 }, (_, n) =>
    textOf(n, LONG.with(500 + n, `[] local-${500 + n}: Something to do {p${n % 4}} \udcff`)),
  );
  for (const text of texts) versions.put(text);
  const sizes = files().map((name) => statSync(join(dir, name)).size);
  expect(sizes.toSorted((a, b) => b - a)[1]).toBeLessThan(2_000);
  for (const store of [versions, openVersions(dir, DAY)])
    expect(texts.map((_, n) => store.get(version(n)))).toEqual(texts.map((text) => [text]));
});

test('whatever was put is there again, in the order of its version, also after a restart', () => {
  const line = fc.oneof(fc.constantFrom('[] a', '[] b', '- Note: c', '', '\ud83d\udfe1', '\udc80'), fc.string({ maxLength: 8 }));
  const step = fc.record({ n: fc.integer({ min: 0, max: 5 }), lines: fc.array(line, { maxLength: 12 }), again: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.boolean(), (steps, isLong) => {
      rmSync(dir, { recursive: true, force: true });
      let versions = openVersions(dir, DAY);
      const model = new Map<string, string[]>();
      for (const { n, lines, again } of steps) {
        const text = textOf(n, isLong ? [...LONG.slice(0, 600), ...lines, ...LONG] : lines);
        versions.put(text);
        const of = model.get(version(n)) ?? [];
        if (!of.includes(text)) {
          if (of.length >= 8) of.splice(1, 1);
          of.push(text);
        }
        model.set(version(n), of);
        if (again) versions = openVersions(dir, DAY);
      }
      for (const [name, texts] of model) expect(versions.get(name)).toEqual(texts);
    }),
  );
});

test('what tac8 wrote before, whole, is read', () => {
  mkdirSync(dir);
  const text = textOf(7, ['[] gh-1: One']);
  writeFileSync(join(dir, '2026-11-22T14-03-07.000001-000.0000.md'), text);
  const versions = openVersions(dir, DAY);
  versions.put(text);
  expect(files()).toHaveLength(1);
  expect(versions.get(version(7))).toEqual([text]);
});

test('a text by which younger ones are told stays until they are gone, and is no version of its own meanwhile', () => {
  const first = openVersions(dir, DAY);
  for (const n of [0, 1]) first.put(textOf(n, LONG.with(n, 'x')));
  const old = files().find((name) => name.endsWith('.md')) ?? '';
  utimesSync(join(dir, old), new Date(0), new Date(0));
  const second = openVersions(dir, DAY);
  expect([second.get(version(0)), second.get(version(1))]).toEqual([[], [textOf(1, LONG.with(1, 'x'))]]);
  for (const name of files()) utimesSync(join(dir, name), new Date(0), new Date(0));
  openVersions(dir, DAY);
  expect(files()).toEqual([]);
});

test('a file that is damaged, gone, a folder or of another kind is no version, and no reason to stop', () => {
  const versions = openVersions(dir, DAY);
  for (const n of [0, 1, 2, 3]) versions.put(textOf(n, LONG.with(n, 'x')));
  const deltas = files().filter((name) => name.endsWith('.delta'));
  const [one = '', two = '', three = ''] = deltas;
  writeFileSync(join(dir, one), readFileSync(join(dir, one), 'utf8').slice(0, 40));
  writeFileSync(join(dir, two), JSON.stringify({ of: '../../secret', head: '', before: 0, piece: '', after: 0 }));
  rmSync(join(dir, three));
  mkdirSync(join(dir, three));
  expect([1, 2, 3].map((n) => versions.get(version(n)))).toEqual([[], [], []]);
  expect(versions.get(version(0))).toHaveLength(1);
  const again = openVersions(dir, DAY);
  again.put(textOf(9, LONG));
  expect(again.get(version(9))).toEqual([textOf(9, LONG)]);
});
