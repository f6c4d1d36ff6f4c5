import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqliteStore } from '../../../src/adapters/store/sqlite/sqlite.ts';
import { type GitRepo, makeGitRepo } from '../../support/git/git-repo.ts';
import { MAIN } from '../../support/world/built.ts';
import { environment } from '../../support/world/daemon.ts';
import { type Ended, startProgram } from '../../support/world/program.ts';
import { active, ended, failed, pending, running } from '../../support/world/world.ts';

/*
 * The commands that are answered at once, from files of their own and with V8's code that was made when they were built, against the whole program.
 */

const ROOT = join(import.meta.dirname, '../../..');
const HOOK = join(ROOT, 'test/e2e/start/programs/code-taken.cjs');

let top: string;
let built: string;
let repo: GitRepo;
beforeAll(() => {
  top = mkdtempSync(join(tmpdir(), 'tac8-at-once-'));
  built = join(top, 'tac8');
  cpSync(join(MAIN, '../..'), built, { recursive: true });
  repo = makeGitRepo({
    files: {
      'tac8.yaml': 'agent: { kind: command, command: [my-agent] }\n',
      'tasks.md': '## Pending\n[] Tidy – “properly” 🧹 {p1}\n',
    },
  });
  // So long ago that what a pause or a limit says is the same for both.
  const now = Date.now() - 3_600_000;
  mkdirSync(join(repo.root, '.tac8'));
  const store = openSqliteStore({ path: join(repo.root, '.tac8/tac8.db') });
  const tasks = [active('local-1', 'w-00000a', { startedAt: now }), failed('local-2', { at: now }), pending('local-3')];
  const runs = [running('w-00000a', 'local-1', { startedAt: now }), ended('w-00000b', 'local-2', { endedAt: now })];
  store.commit({ tasks: tasks.map((next) => ({ next, expected: null })), runs: runs.map((next) => ({ next, expected: null })) });
  store.close();
  repo.git(['worktree', 'add', '--quiet', '-b', 'auto/local-1', 'trees/local-1']);
  repo.write('trees/local-1/größe.txt', 'neu ✓\n');
});
afterAll(() => {
  repo.remove();
  rmSync(top, { recursive: true, force: true });
});

/** The Node that built it: another one would make its own code. */
const environmentHere = (): Record<string, string> => {
  const env = environment(top);
  return { ...env, PATH: `${dirname(process.execPath)}:${env.PATH}` };
};

const run = (args: readonly string[], cwd = repo.root, more: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  startProgram([join(built, 'bin/tac8'), ...args], { cwd, env: { ...environmentHere(), ...more } }).ended;

/** Ages and moments move on between two looks; a run that would be started gets a new name each time. */
const timeless = ({ out, ...rest }: Ended) => ({
  ...rest,
  out: out
    .replaceAll(/\bw-[0-9a-f]{6}\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'NAME')
    .replaceAll(/\d{4}-\d\d-\d\d[T ][\d:.]+Z?|\d\d:\d\d:\d\d|\b\d{13}\b|\d+(?:\.\d+)? ?[smh]\b/g, 'TIME'),
});

const LINES: readonly (readonly string[])[] = [
  ['why', 'local-1'],
  ['why', 'local-3', '--json'],
  ['why', 'local-99'],
  ['plan'],
  ['plan', '--json'],
  ['diff', 'local-1'],
  ['diff', 'local-1', '--stat'],
  ['diff', 'local-1', '--json'],
  ['diff', 'local-99'],
  ['report', '--offline'],
  ['report', '--offline', '--json'],
  ['status'],
];

test('they say what the whole program says, and end as it ends', { timeout: 240_000 }, async () => {
  for (const line of LINES) {
    const taken = join(top, 'taken');
    rmSync(taken, { force: true });
    const ours = await run(line, repo.root, { NODE_OPTIONS: `--require ${HOOK}`, TAKEN: taken });
    // In this form the parser has it.
    const theirs = await run([`--repo-dir=${repo.root}`, ...line], top);
    expect(timeless(ours), line.join(' ')).toEqual(timeless(theirs));
    const scripts = JSON.parse(readFileSync(taken, 'utf8')) as { name: string; code: 'taken' | 'refused' | 'none' }[];
    const [main, ...others] = scripts;
    expect(main?.name, line.join(' ')).toBe('main.js');
    expect(new Set(others.map(({ code }) => code)), line.join(' ')).toEqual(new Set(['taken']));
  }
});

test('settings that are wrong, or a folder without a repository: the same sentence, the same code', { timeout: 120_000 }, async () => {
  const wrong = makeGitRepo({ files: { 'tac8.yaml': 'label: [\n' } });
  try {
    for (const line of [['why', '1'], ['plan'], ['diff', '1'], ['report']]) {
      for (const cwd of [wrong.root, top]) {
        const [ours, theirs] = [await run(line, cwd), await run([`--repo-dir=${cwd}`, ...line], cwd)];
        expect(ours, line.join(' ')).toEqual(theirs);
        expect(ours.code, line.join(' ')).toBeGreaterThan(0);
      }
    }
  } finally {
    wrong.remove();
  }
});

test('code that is damaged, or of another Node, is made anew', { timeout: 120_000 }, async () => {
  const before = await run(['diff', 'local-1', '--stat']);
  const files = globSync('dist/at-once/*.code', { cwd: built }).map((name) => join(built, name));
  expect(files.length).toBeGreaterThan(5);
  for (const [n, file] of files.entries()) {
    const bytes = readFileSync(file);
    if (n % 2 === 0) rmSync(file);
    else writeFileSync(file, bytes.subarray(0, bytes.length / 2));
  }
  expect(await run(['diff', 'local-1', '--stat'])).toEqual(before);
  expect(before).toMatchObject({ code: 0, out: expect.stringContaining('1 file changed') });
});
