import { expect, test } from 'vitest';
import { createIssueTexts } from '../../text/issue-texts.ts';
import { closedBy } from './closing.ts';

const texts = createIssueTexts(new URL('../../text/thread.ts', import.meta.url).pathname);
const by = (text: string): Promise<readonly number[]> => closedBy(text, 'acme/widgets', texts.prose);

test.each([
  ['a number', 'Closes #7', [7]],
  ['any closing word, in any case', 'FIXED #1, resolve: #2 and\nfixes #3. Closed #4', [1, 2, 3, 4]],
  ['the repository by its name', 'closes Acme/Widgets#7', [7]],
  ['an older form', 'Resolves GH-7', [7]],
  ['an address', 'Fixes https://github.com/acme/widgets/issues/7.', [7]],
  ['a list', '- Closes #7\n- [x] fixes #8', [7, 8]],
  ['what comes after a quote', '> not so\n\nCloses #7', [7]],
  ['what comes after code', '```\nx\n```\nCloses #7', [7]],
  ['beside a lone backtick', 'A ` and closes #7', [7]],
  ['a line in a table', '| a |\n| - |\n| Closes #7 |', [7]],
  ['within emphasis', '**Closes #7**', [7]],
  ['after a mark of a quote within a line', 'a > b, closes #7', [7]],
  ['after an escaped backtick', '\\`Closes #7\\`', [7]],
  ['further lines of an item', '- one\n\n    and closes #7', [7]],
] as const)('%s counts', async (_, text, numbers) => expect(await by(text)).toEqual(numbers));

test.each([
  ['another repository', 'Closes acme/gadgets#7, fixes https://github.com/acme/gadgets/issues/7'],
  ['a block of code', '```\nCloses #7\n```'],
  ['a block of code without an end', '~~~\nCloses #7'],
  ['a shorter fence within', '````\n```\nCloses #7\n````'],
  ['an indented block', 'As in:\n\n    Closes #7'],
  ['code within a line', 'Write `Closes #7` or ``fixes `#8` ``'],
  ['a comment', '<!-- Closes #7 -->'],
  ['a comment over lines, and one without an end', '<!--\nCloses #7\n--> x <!-- fixes #8'],
  ['a quote', '> Closes #7'],
  ['a further line of a quote', '> they said\nCloses #7'],
  ['a word that is part of another', 'encloses #7, prefix #8'],
  ['a number that goes on', 'Closes #7x, fixes #8-9'],
  ['a number alone', 'See #7'],
  ['an indented block of an item', '- one\n\n      Closes #7'],
  ['a quote in a list', '- > Closes #7'],
  ['a block of code in a quote', '> ```\n> Closes #7\n> ```'],
  ['a fence of an item', '- x\n  ```\n  Closes #7\n  ```'],
  ['an attribute', '<img alt="Closes #7" src="x">'],
  ['a title of a link', '[x](https://y.test "Closes #7")'],
  ['a definition', '[x]: https://y.test "Closes #7"'],
] as const)('%s does not', async (_, text) => expect(await by(text)).toEqual([]));

test('what has no closing word before a number is not read at all', async () => {
  const reads: string[] = [];
  const prose = async (text: string) => {
    reads.push(text);
    return text;
  };
  for (const text of ['Hello', 'closes '.repeat(60_000), '#7 closes', 'closes acme/gadgets#7'])
    expect(await closedBy(text, 'acme/widgets', prose)).toEqual([]);
  expect(reads).toEqual([]);
});

test('a text that is made to hold up its reader closes nothing', { timeout: 60_000 }, async () => {
  for (const piece of ['>', '> - 1. ', '[', '`', '<!--', '~~~\n', '``` `` `\n', '    x\n\n'])
    expect(await by(`${piece.repeat(60_000)} Closes #7`)).toEqual([]);
});
