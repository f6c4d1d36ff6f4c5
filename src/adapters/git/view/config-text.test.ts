import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSettings, type Setting } from './config-text.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tac8-config-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As git reads the text; null: it refuses it. */
function byGit(text: string): readonly Setting[] | null {
  const file = join(folder, 'config');
  writeFileSync(file, text);
  try {
    const out = execFileSync('git', ['config', '--no-includes', '-z', '--list', '--file', file], { encoding: 'utf8', stdio: 'pipe' });
    return out
      .split('\0')
      .filter((line) => line !== '')
      .map((line) => {
        const end = line.indexOf('\n');
        return end < 0 ? [line, 'true'] : [line.slice(0, end), line.slice(end + 1)];
      });
  } catch {
    return null;
  }
}

test.each([
  ['[core]\n\tbare = false\n[remote "origin"]\n\turl = https://x/y.git # here\n'],
  ['[core] bare = true ; said on one line\n[Filter "LFS"]\n\tRequired\n\tclean = "git-lfs clean -- %f"\n'],
  ['[a]\n b = one \\\n   two  \n c = " x "y" z"\n d = a\\tb\\n\\"\\\\\n'],
  ['[branch.Main]\n\tmerge = refs/heads/main\n[url "a\\"b\\\\c"]\n\tinsteadOf = x\n'],
  ['\uFEFF[core]\r\n\tbare = no\r\n'],
  ['# nothing\n'],
  ['[core]\n\tx = "open\n'],
  ['[core]\n\tx = \\q\n'],
  ['[core\n\tx = 1\n'],
])('%j is read as git reads it', (text) => {
  expect(readSettings(text)).toEqual(byGit(text));
});

test('whatever git reads, is read the same', () => {
  const word = fc.constantFrom(
    '[',
    ']',
    '"',
    '\\',
    '=',
    '#',
    ';',
    ' ',
    '\t',
    '\n',
    '\n',
    'core',
    'bare',
    'x',
    '.',
    '-',
    'é',
    '\\n',
    '[a]\n',
    'k = v\n',
    '[a "b"]\n',
  );
  const text = fc.array(word, { maxLength: 12 }).map((words) => `[s]\n${words.join('')}`);
  fc.assert(
    fc.property(text, (some) => {
      const theirs = byGit(some);
      const ours = readSettings(some);
      // What git itself refuses is no repository to it.
      if (theirs !== null) expect(ours).toEqual(theirs);
    }),
    { numRuns: Number(process.env.TAC8_PROPERTY_RUNS ?? 40) },
  );
});
