import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const MOST_LINES = 300;

/** What belongs to a place where the project was worked on, and not to the project. */
const FOREIGN = [/\.\.\/shared\b/, /(?<![\w.-])\/work\/\w/, /registry\.\w+\.(org|com)/, /npm[j]s\.(org|com)/, /art[i]factory/i];

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(ROOT, file)));
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const sources = files.filter((file) => /^(src|test|bench|scripts|web)\/.*\.tsx?$/.test(file) && !file.startsWith('test/fixtures/'));

test('there are sources to look at', () => {
  expect(sources).toContain('src/core/task.ts');
});

test(`no source file has more than ${MOST_LINES} lines`, () => {
  const long = sources.map((file) => ({ file, lines: read(file).split('\n').length - 1 })).filter(({ lines }) => lines > MOST_LINES);
  expect(long).toEqual([]);
});

test('no file names a registry, or a path of the place where it was written', () => {
  const named = files
    .filter((file) => !file.startsWith('test/fixtures/'))
    .flatMap((file) => FOREIGN.filter((word) => word.test(read(file))).map((word) => `${file}: ${word.exec(read(file))?.[0]}`));
  expect(named).toEqual([]);
});

test('core neither waits nor throws dice', () => {
  const core = sources.filter((file) => file.startsWith('src/core/') && !file.endsWith('.test.ts'));
  const code = (file: string) => read(file).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  expect(core.filter((file) => /\basync\b|\bawait\b|Math\.random/.test(code(file)))).toEqual([]);
});

test('no name hides a decision', () => {
  expect(sources.filter((file) => /(^|[/-])(utils?|helpers?|common|types|manager|service)(\.|\/|-)/i.test(file))).toEqual([]);
});
