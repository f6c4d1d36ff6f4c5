import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** Rows of docs/races.md: the test that holds each. */
const ROWS = read('docs/races.md')
  .split('\n')
  .flatMap((line) => [...line.matchAll(/\| `([^`]+\.test\.ts)` · (.+) \|$/g)].map(([, file = '', title = '']) => ({ file, title })));

test('docs/races.md names tests', () => expect(ROWS.length).toBeGreaterThan(20));

test.each(ROWS)('$title: is a test in $file', ({ file, title }) => {
  expect(read(file)).toContain(title);
});
