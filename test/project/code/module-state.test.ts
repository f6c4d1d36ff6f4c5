import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, test } from 'vitest';

/*
 * One process may hold several engines, each on a repository of its own: what a module keeps for itself would be shared by them. State
 * belongs into what a function makes and answers. The formatter puts what stands at a module's top at the beginning of a line.
 */

const ROOT = join(import.meta.dirname, '../../../src');

/** Programs of their own, which are never imported. */
const PROGRAMS = ['chaos/agent.ts', 'demo/agent.ts', 'egress/main.ts'];

/** What a module may keep, and why two engines cannot tell. */
const MEANT: Readonly<Record<string, string>> = {
  'adapters/board/file/bytes.ts recent': 'bytes and the text that they are',
  'adapters/board/file/file.ts count': 'makes the names of temporary files unique in the process',
  'adapters/board/file/file.ts room': 'memory that a file is read into, and used before the next one is read',
  'adapters/git/call/one-at-a-time.ts tails': 'keyed by the path of the repository',
  'adapters/git/saved/head.ts asked': 'keyed by the repository itself',
  'adapters/git/saved/head.ts trees': 'keyed by the repository itself',
  'adapters/git/saved/loose-commits.ts behind': 'keyed by the repository itself',
  'adapters/git/transport/station.ts formats': 'keyed by the repository itself',
  'adapters/process/child/child.ts live': 'ends with the process what the process started',
  'adapters/process/proc/census.ts recent': 'the processes of the machine, for everyone',
  'adapters/process/proc/marks.ts next': 'a scan of the machine, for everyone who asks meanwhile',
  'adapters/process/proc/marks.ts running': 'a scan of the machine, for everyone who asks meanwhile',
  'adapters/process/proc/own-environment.ts process.env': 'takes logins out of what others can read; whoever needs them was given a copy',
  'adapters/process/proc/proc.ts thisBoot': 'the boot of the machine',
  'adapters/store/memory.ts ours': 'keyed by the document itself',
  'adapters/store/memory.ts writes': 'keyed by the contents themselves',
  'chaos/agent/scripts.ts written': 'part of a program of its own',
  'cli/ground/streams.ts isGuarded': 'the output of the process',
  'cli/ground/streams.ts isLost': 'the output of the process',
  'cli/ground/style.ts plain': 'the output of the process',
  'cli/top/top.ts process.env': 'React is told that it is in use; top runs alone in its process',
  'core/board/line/render.ts owned': 'keyed by the line itself',
  'core/board/line/shown.ts recent': 'where in a text the lines of a view stand, which follows from both alone',
  'core/board/text/parse.ts NO_NAMES': 'empty and readonly by its type',
  'core/board/text/parse.ts recent': 'what a text is read as, which follows from the text alone',
  'core/explain/board-view.ts lines': 'keyed by the task itself',
  'core/explain/board-view.ts waiting': 'the lines of a list of tasks, which follow from it alone',
  'core/tick/tasks.ts known': 'keyed by the list of tasks itself',
  'core/tick/tasks.ts last': 'what is found in a list of tasks, which follows from it alone',
  'core/voices/intake.ts named': 'found by the issue itself',
  'core/review/calls.ts NO_CALLS': 'empty and readonly by its type',
  'engine/watch/pulls/review-watch.ts NONE': 'empty and readonly by its type',
  'forge-fake/graphql/execute.ts loaded': 'GitHub’s schema, which is one for everybody',
  'forge-fake/serve/serve-api.ts requests': 'makes the ids of requests unique in the process',
  'place/own-files.ts found': 'where the package is',
  'engine/observe.ts found': 'keyed by the store itself',
};

const STATE = [
  /^(?:export )?(?:let|var) (\w+)/,
  // A filled one is a table, unless nothing keeps it from being written.
  /^(?:export )?const (\w+)(?:: (?!Readonly)[^=]+)? = new (?:Weak)?(?:Map|Set)(?:<.*>)?\(\)/,
  /^(?:export )?const (\w+)(?:: (?!readonly|Readonly)[^=]+)? = (?:\[\]|\{\});/,
  /^(?:export )?const (\w+)(?:: [^=]+)? = new (?!(?:Map|Set|WeakMap|WeakSet|RegExp|URL|Intl\.\w+|TextDecoder|TextEncoder)\b)/,
  /(?<!\/\/.*|\* .*)\bprocess\.(chdir|umask)\(/,
  /(?<!\/\/.*|\* .*)\b(process\.env)(?:\.\w+|\[[^\]]*\]) (?:\?\?|\|\|)?= /,
  /\bdelete (process\.env)/,
];

/** The names of what a file keeps or changes for the whole process. */
const stateIn = (code: string): readonly string[] =>
  code.split('\n').flatMap((line) => STATE.flatMap((pattern) => pattern.exec(line)?.[1] ?? []));

it.each([
  ['let turns = 0;', ['turns']],
  ['export let turns: number | null = null;', ['turns']],
  ['const turns = new Map<string, Promise<void>>();', ['turns']],
  ['const turns: Map<string, string> = new Map();', ['turns']],
  ['const seen = new WeakSet<object>();', ['seen']],
  ['const list: string[] = [];', ['list']],
  ['const kept: Record<string, string> = {};', ['kept']],
  ['export const bus = new EventEmitter();', ['bus']],
  ["  process.chdir('/');", ['chdir']],
  ["  process.env.TZ = 'UTC';", ['process.env']],
  ["  process.env[name] ??= 'x';", ['process.env']],
  ['  delete process.env.TZ;', ['process.env']],
  ['  let inside = 0;', []],
  ['  const inside = new Map();', []],
  ["const WORDS: ReadonlySet<string> = new Set(['a']);", []],
  ['const NONE: ReadonlyMap<string, string> = new Map();', []],
  ['const NONE: readonly string[] = [];', []],
  ["const decoder = new TextDecoder('utf-8');", []],
  ["  if (process.env.TZ === 'UTC') return;", []],
  ["  const env = { PATH: process.env.PATH ?? '' };", []],
])('%s', (line, found) => {
  expect(stateIn(`import 'x';\n${line}\n`)).toEqual(found);
});

test('no module keeps anything that two engines in one process would share', () => {
  const files = globSync('**/*.{ts,tsx}', { cwd: ROOT }).filter((file) => !/\.test\.tsx?$/.test(file) && !PROGRAMS.includes(file));
  const found = files.flatMap((file) => stateIn(readFileSync(join(ROOT, file), 'utf8')).map((name) => `${file} ${name}`));
  expect(found.length).toBeGreaterThan(0);
  expect(found.toSorted()).toEqual(Object.keys(MEANT).toSorted());
});
