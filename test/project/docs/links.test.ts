import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const PAGES = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...['docs', 'examples', '.github'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  ),
];

/** What a page points at: links to files, and paths of this repository between backticks. */
function pointedAt(page: string): readonly string[] {
  const text = readFileSync(join(ROOT, page), 'utf8').replaceAll(/^```.*?^```/gms, '');
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)].map(([, path = '']) => join(dirname(page), path));
  const named = [...text.matchAll(/`((?:src|test|docs|bench|scripts|schema|examples|\.github)\/[\w./-]+)`/g)].map(([, path = '']) => path);
  return [...links, ...named];
}

test.each(PAGES)('what %s points at is there', (page) => {
  expect(pointedAt(page).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test('a page that points nowhere is noticed', () => {
  expect(pointedAt('README.md').length).toBeGreaterThan(10);
});
