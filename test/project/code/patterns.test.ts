import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'rolldown/utils';
import { analyse } from 'scslre';
import { expect, test } from 'vitest';

/*
 * Texts of strangers and workers meet patterns on the loop's own thread: each pattern of src/ takes time in proportion to its text. Patterns
 * that are put together while the program runs are not seen here.
 */

const ROOT = join(import.meta.dirname, '../../..');

/** Every pattern that stands in the code, as it stands there. */
function patternsIn(file: string, code: string): readonly { readonly source: string; readonly flags: string }[] {
  const found: { source: string; flags: string }[] = [];
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(walk);
    if (typeof node !== 'object' || node === null) return;
    const { type, regex } = node as { type?: unknown; regex?: { pattern: string; flags: string } };
    if (type === 'Literal' && regex !== undefined) found.push({ source: regex.pattern, flags: regex.flags });
    Object.values(node).forEach(walk);
  };
  walk(parseSync(file, code).program);
  return found;
}

const slowIn = (file: string, code: string): readonly string[] =>
  patternsIn(file, code).flatMap(({ source, flags }) =>
    analyse({ source, flags })
      .reports.slice(0, 1)
      .map(({ type, exponential }) => `${file}: /${source}/${flags}: ${exponential ? 'exponential' : type}`),
  );

test('each pattern takes linear time', { timeout: 60_000 }, () => {
  const files = globSync('src/**/*.{ts,tsx}', { cwd: ROOT }).filter((file) => !/\.test\.tsx?$/.test(file));
  const sources = files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')] as const);
  expect(sources.flatMap(([file, code]) => patternsIn(file, code)).length).toBeGreaterThan(300);
  expect(sources.flatMap(([file, code]) => slowIn(file, code))).toEqual([]);
});

test.each([
  ['neighbours that can share', "text.replace(/^\\s*url\\s*=\\s*(.+?)\\s*$/m, '')", 'Trade'],
  ['a run that may begin anywhere', "text.replace(/-+$/, '')", 'Move'],
  ['a repeated choice of two that can share', 'const a = /^(?:[ \\t]+.*\\n?|\\s*\\n)*x/;', 'exponential'],
])('%s is found', (_what, code, word) => expect(slowIn('planted.ts', code)).toEqual([expect.stringMatching(new RegExp(`${word}$`))]));
