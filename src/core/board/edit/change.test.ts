import { expect, test } from 'vitest';
import { type BoardChange, changedBy } from './change.ts';

const BOARD = `# Work Queue
prose stays

## Pending
[] gh-1: First {p2}
- a note of mine
* [ ] gh-2: Second <!-- kept -->

[] gh-3: Third
## Active (max 3)
[🟡 w-1d3d59, trees/gh-4] gh-4: At work
## Failed
[❌ w-ac3943] gh-5: Broken
- Reason: stalled`;

const after = (change: BoardChange, text = BOARD) => changedBy(text, change, {});
/** Which lines differ, `-` and `+`. */
function difference(change: BoardChange, text = BOARD): readonly string[] {
  const now = after(change, text);
  if (now === null) return ['null'];
  const [old, fresh] = [text.split('\n'), now.split('\n')];
  return [
    ...old.filter((line) => !fresh.includes(line)).map((line) => `-${line}`),
    ...fresh.filter((line) => !old.includes(line)).map((line) => `+${line}`),
  ];
}

test('a priority is written behind the title, in front of what else stands there', () => {
  expect(difference({ kind: 'priority', line: 5, priority: 0 })).toEqual(['-[] gh-1: First {p2}', '+[] gh-1: First {p0}']);
  expect(difference({ kind: 'priority', line: 7, priority: 1 })).toEqual([
    '-* [ ] gh-2: Second <!-- kept -->',
    '+* [ ] gh-2: Second {p1} <!-- kept -->',
  ]);
});

test('a task moves with what stands below it, and each other byte stays', () => {
  const text = after({ kind: 'move', line: 9, before: 5 }) ?? '';
  expect(text).toContain('## Pending\n[] gh-3: Third\n[] gh-1: First {p2}\n- a note of mine\n* [ ] gh-2');
  expect(text.split('\n').toSorted()).toEqual(BOARD.split('\n').toSorted());
  expect(after({ kind: 'move', line: 5, before: 5 })).toBe(BOARD);
});

test('to Failed cancels, back to Pending takes up again; the last line of the file gets an end', () => {
  expect(after({ kind: 'place', line: 5, section: 'failed' })).toMatch(
    /- Reason: stalled\n\[❌\] gh-1: First \{p2\}\n- a note of mine\n?$/,
  );
  expect(after({ kind: 'place', line: 13, section: 'pending' })).toMatch(
    /\[\] gh-3: Third\n\[\] gh-5: Broken\n- Reason: stalled\n## Active/,
  );
  expect(after({ kind: 'place', line: 13, section: 'pending' }, BOARD.replaceAll('\n', '\r\n'))).toMatch(
    /Third\r\n\[\] gh-5: Broken\r\n- Reason: stalled\r\n## Active/,
  );
});

test('a new line is one line, whatever stands in it; a board without the section takes none', () => {
  expect(difference({ kind: 'add', title: 'Tidy\n## Failed\n[❌] gh-1: gone', priority: 1 })).toEqual([
    '+[] Tidy ## Failed [❌] gh-1: gone {p1}',
  ]);
  expect(after({ kind: 'add', title: 'x', priority: null }, '# mine\n')).toBeNull();
  expect(after({ kind: 'remove', line: 5 })).not.toMatch(/First|a note of mine/);
});

test('a line that is no task’s is nobody’s to change', () => {
  for (const line of [1, 2, 6, 99]) expect(after({ kind: 'remove', line })).toBeNull();
  expect(after({ kind: 'move', line: 5, before: 6 })).toBeNull();
});
