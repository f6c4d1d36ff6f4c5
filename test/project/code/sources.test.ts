import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const MOST_LINES = 300;

/** What belongs to a place where the project was worked on, and not to the project. */
const FOREIGN = [/\.\.\/shared\b/, /(?<![\w.-])\/work\/\w/, /registry\.\w+\.(org|com)/, /npm[j]s\.(org|com)/, /art[i]factory/i];

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(ROOT, file)));
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const sources = files.filter((file) => /^(src|test|bench|scripts|web)\/.*\.tsx?$/.test(file) && !file.startsWith('test/fixtures/'));

test('there are sources to look at', () => {
  expect(sources).toContain('src/core/model/task.ts');
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

/** Test files that wait for time to pass, and why nothing else would do. */
const MEANT: Readonly<Record<string, string>> = {
  'src/adapters/process/crash.test.ts': 'the moment of a kill is what is random',
  'src/adapters/store/sqlite/sqlite.test.ts': 'another process holds a lock for a while',
  'test/e2e/board/slots.test.ts': 'looks on as often as it goes, for as long as the test takes',
  'test/e2e/survive/crash.test.ts': 'the moment of a kill is what is random',
  'test/integration/store/crash.test.ts': 'the moment of a kill is what is random',
  'test/integration/store/lock.test.ts': 'another process holds a lock for a while',
  'web/src/link/fleet.test.ts': 'its clock is made up: no time passes',
};

test('no test sleeps: it waits for a signal, or polls until', () => {
  const itself = 'test/project/code/sources.test.ts';
  const sleeping = sources.filter(
    (file) => file.endsWith('.test.ts') && file !== itself && /\b(setTimeout|Atomics\.wait)\b/.test(read(file)),
  );
  expect(sleeping.sort()).toEqual(Object.keys(MEANT).sort());
});

/** Where a folder is removed whole otherwise, and why that is no way out. */
const REMOVES: Readonly<Record<string, string>> = {
  'src/adapters/board/history/version-files.ts': 'a name of ours in a folder of ours, at the start',
  'src/adapters/egress/egress.ts': 'a folder of sockets that no worker sees',
  'src/adapters/egress/face.ts': 'made a moment ago, where no worker sees it',
  'src/adapters/sandbox/image.ts': 'half of an unpacked image, below the cache of the person, which no worker sees',
  'src/adapters/process/box/foreground.ts': 'made a moment ago by the command itself',
};

test('what a worker may have written to is removed by the one function that stops at borders', () => {
  const ours = sources.filter((file) => /^src\/(adapters|engine|files|compose)\//.test(file) && !file.endsWith('.test.ts'));
  const whole = ours.filter((file) => /\brm(Sync)?\([^;]*recursive: true/.test(read(file)));
  expect(whole.sort()).toEqual(Object.keys(REMOVES).sort());
});
