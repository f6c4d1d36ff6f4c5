import { expect, test } from 'vitest';
import { editsOf, linesOf } from './edits.ts';

const edit = (before: string, after: string) => linesOf({ path: null, before, after }).map(({ sign, text }) => `${sign}${text}`);

test('an edit line by line: what stays in the middle is no change', () => {
  expect(edit('a\nb\nc\nd\ne\nf\n', 'a\nb\nc\nD\ne\nf\n')).toEqual([' b', ' c', '-d', '+D', ' e', ' f']);
  expect(edit('one\nkept\ntwo', 'ONE\nkept\nTWO')).toEqual(['-one', '+ONE', ' kept', '-two', '+TWO']);
  expect(edit('', 'new\n')).toEqual(['+new']);
  expect(edit('gone\n', '')).toEqual(['-gone']);
  const long = Array.from({ length: 3000 }, (_, n) => `line ${n}`);
  expect(edit(long.join('\n'), long.map((line) => `${line}!`).join('\n'))).toHaveLength(6000);
});

test('the edits of a call, by what each kind of agent calls its parts', () => {
  expect(editsOf({ file_path: 'a.ts', old_string: 'x', new_string: 'y' })).toEqual([{ path: 'a.ts', before: 'x', after: 'y' }]);
  expect(editsOf({ file_path: 'a.ts', edits: [{ old_string: 'x', new_string: 'y' }, null, { old_string: 1 }] })).toHaveLength(1);
  expect(editsOf({ file_path: 'a.ts', content: 'all of it' })).toEqual([{ path: 'a.ts', before: '', after: 'all of it' }]);
  expect(editsOf({ path: 'a.ts', oldText: 'x', newText: 'y' })).toEqual([{ path: 'a.ts', before: 'x', after: 'y' }]);
  const [patched] = editsOf({ file_path: 'a.ts', changes: [{ path: 'a.ts', kind: 'update', diff: '@@ -1 +1 @@\n-x\n+y\n' }, 7] });
  expect(patched === undefined ? [] : linesOf(patched).map(({ sign }) => sign)).toEqual([' ', '-', '+']);
  expect(editsOf({ content: 'a message, no file' })).toEqual([]);
  expect(editsOf({ command: 'npm test' })).toEqual([]);
});
