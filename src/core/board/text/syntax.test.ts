import { describe, expect, it } from 'vitest';
import { readHeading } from './heading.ts';
import { parseBoard, textOf } from './parse.ts';
import { readLine } from './syntax.ts';

const pick = (line: string) => {
  const reading = readLine(line);
  if (reading.kind !== 'task') return reading.kind;
  const { mark, id, title, priority } = reading.task;
  return [mark.kind, id, title, priority];
};

describe('a task line', () => {
  it.each([
    ['[] gh-451: Fix the divider {p1}\n', ['open', 'gh-451', 'Fix the divider', 1]],
    ['[ ] gh-451 Fix the divider', ['open', 'gh-451', 'Fix the divider', null]],
    ['- [ ] GH-451: Fix\r\n', ['open', 'gh-451', 'Fix', null]],
    ['* [ ] Tidy up {P0}  \n', ['open', null, 'Tidy up', 0]],
    ['1. [ ] Tidy up\n', ['open', null, 'Tidy up', null]],
    ['\t[] local-3: Tidy\n', ['open', 'local-3', 'Tidy', null]],
    ['\ufeff[] gh-1: With a byte order mark\n', ['open', 'gh-1', 'With a byte order mark', null]],
    ['[] #12: By its number\n', ['open', 'gh-12', 'By its number', null]],
    ['[] #12 is broken again\n', ['open', null, '#12 is broken again', null]],
    ['[] gh-12\n', ['open', 'gh-12', '', null]],
    ['[] gh-12Ä: not a number\n', 'unreadable'],
    ['[] gh-012: not a number\n', 'unreadable'],
    ['[x] gh-1: done\n', ['ticked', 'gh-1', 'done', null]],
    ['[🟡 w-1d3d59, trees/gh-450] gh-450: Add\n', ['active', 'gh-450', 'Add', null]],
    ['[🟡️ w-1d3d59, /home/me/app/trees/gh-450] gh-450: Add\n', ['active', 'gh-450', 'Add', null]],
    ['[✅ a1b2c3d, w-899e35] gh-449: Speed {p2} {p0}\n', ['completed', 'gh-449', 'Speed {p2}', 0]],
    ['[❌ w-abc123] gh-450: User cancelled\n', ['failed', 'gh-450', 'User cancelled', null]],
    ['[❌️] gh-450: x\n', ['failed', 'gh-450', 'x', null]],
    ['[☠️ w-abc123] gh-450: x\n', ['failed', 'gh-450', 'x', null]],
    ['[☠ w-abc123] gh-450: x\n', ['failed', 'gh-450', 'x', null]],
    ['[⏰ w-77aa01] gh-447: Choose <!-- META:{"a":[1]} -->\n', ['blocked', 'gh-447', 'Choose', null]],
    ['[] gh-7: Title {p1} <!-- META:{"priority":1} -->\n', ['open', 'gh-7', 'Title', 1]],
    ['[] \u200fgh-5: תיקון הבאג\n', ['open', 'gh-5', 'תיקון הבאג', null]],
    ['[] gh-5：全角のコロン\n', ['open', 'gh-5', '全角のコロン', null]],
    ['[] gh-1: x {p7}\n', 'unreadable'],
    ['[?] gh-1: x\n', 'unreadable'],
    ['[🟡 w-1 gh-450: never closed\n', 'unreadable'],
    ['gh-12: without a box\n', 'unreadable'],
    ['[link](https://example.org)\n', 'other'],
    ['[name]: https://example.org\n', 'other'],
    ['[Some remark in brackets] and more\n', 'other'],
    ['- a bullet\n', 'other'],
    ['> [ ] quoted\n', 'other'],
    ['plain words about gh-12\n', 'other'],
  ])('%j', (line, expected) => expect(pick(line)).toEqual(expected));

  it('knows the run, the tree and the commit in the mark, in any order', () => {
    const reading = readLine('[✅ w-899e35, a1b2c3d] gh-1: x');
    expect(reading.kind === 'task' && reading.task.mark).toEqual({ kind: 'completed', run: 'w-899e35', commit: 'a1b2c3d', tree: null });
  });
});

describe('a heading', () => {
  it.each([
    ['## Pending\n', 'pending'],
    ['# PENDING #\r\n', 'pending'],
    ['### 🟡 Active (max 3)\n', 'active'],
    ['## active\n', 'active'],
    ['## ✅ Completed Today\n', 'completed'],
    ['## Completed (12)\n', 'completed'],
    ['## **Failed**\n', 'failed'],
    ['## ⏰️ Blocked:\n', 'blocked'],
    ['## Later\n', null],
    ['## Ausstehend\n', null],
  ])('%j is %s', (line, section) => expect(readHeading(line, {})?.section).toBe(section));

  it('is none without a space or with a word before it', () => {
    expect(readHeading('##Pending\n', {})).toBeNull();
    expect(readHeading('see ## Pending\n', {})).toBeNull();
  });
});

describe('a file', () => {
  const idsIn = (text: string) =>
    parseBoard(text).nodes.flatMap((node) => (node.kind === 'task' ? [`${node.section} ${node.task.id ?? node.task.title}`] : []));

  it.each([
    [
      'other order, extra section',
      '## Failed\n[❌] gh-1: a\n\n## Later\n[] gh-2: b\n\n## Pending\n[] gh-3: c\n',
      ['failed gh-1', 'pending gh-3'],
    ],
    ['front matter', '---\ntitle: x\n[] gh-1: no\n---\n## Pending\n[] gh-2: b\n', ['pending gh-2']],
    ['a comment of several lines', '## Pending\n<!--\n[] gh-1: no\n-->\n[] gh-2: b\n', ['pending gh-2']],
    ['a comment that never ends hides nothing', '## Pending\n<!-- oops\n[] gh-2: b\n', ['pending gh-2']],
    ['a code fence', '## Pending\n```\n[] gh-1: no\n```\n[] gh-2: b\n', ['pending gh-2']],
    ['a fence that never ends hides nothing', '## Pending\n```\n[] gh-2: b\n', ['pending gh-2']],
    ['an underlined heading', 'Pending\n-------\n[] gh-2: b\n', ['pending gh-2']],
    ['a subheading is a section of its own', '## Pending\n[] gh-1: a\n### This week\n[] gh-2: b\n', ['pending gh-1']],
    [
      'steps below a task are not tasks',
      '## Pending\n- [ ] gh-1: a\n  - [ ] step one\n  - [x] step two\n- [ ] gh-2: b\n',
      ['pending gh-1', 'pending gh-2'],
    ],
    ['nothing stands above the first heading', '[] gh-1: a\n## Pending\n', []],
    ['no final newline, CRLF, tab', '## Pending\r\n\t[] gh-1: a\r\n[]\tgh-2: b', ['pending gh-1', 'pending gh-2']],
  ])('%s', (_, text, expected) => {
    expect(idsIn(text)).toEqual(expected);
    expect(textOf(parseBoard(text).nodes)).toBe(text);
  });

  it('is read in one pass even where every line opens something that never ends', () => {
    const text = '```js\n<!-- x\n'.repeat(50_000);
    const start = performance.now();
    parseBoard(text);
    expect(performance.now() - start).toBeLessThan(3000);
  });
});
